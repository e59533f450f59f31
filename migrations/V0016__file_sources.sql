-- Feed sources by SFTP and FTPS: how they log in, and the host key that the server must have.

ALTER TABLE feed_sources
    ADD COLUMN login    bytea, -- sealed {"username"} with "password" or "private_key"
    ADD COLUMN host_key text,  -- SHA256:… as OpenSSH prints it
    DROP CONSTRAINT feed_sources_credentials_check,
    ADD CONSTRAINT feed_sources_credentials_check CHECK (credentials IN ('basic', 'bearer', 'password', 'private_key'));
