-- Signing in with the browser needs the consumer key of the org's External
-- Client App. It is no secret; what is secret is in the keychain.
ALTER TABLE environments ADD COLUMN consumer_key TEXT NOT NULL DEFAULT '';
