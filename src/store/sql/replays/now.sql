-- Reads the bound of a job: what happens after this moment is out of scope.
SELECT now() AS bound
