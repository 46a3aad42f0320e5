-- Deployments go to an environment by SOAP or by REST.
ALTER TABLE environments ADD COLUMN deploy_by TEXT NOT NULL DEFAULT 'soap' CHECK (deploy_by IN ('soap', 'rest'));
