-- The bound of a job: nothing that happens after this moment is its business.
SELECT now() AS bound
