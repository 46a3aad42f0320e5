-- What an Emergency says, and who is asked to approve beside the policy.
ALTER TABLE change_requests ADD COLUMN emergency_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE change_requests ADD COLUMN incident TEXT NOT NULL DEFAULT '';
ALTER TABLE change_requests ADD COLUMN additional_approvers TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(additional_approvers));

-- Every history holds the emergencies, whose reviews can keep back everything
-- else; see emergencySubjects in sign.go. Inside a text the quotes are escaped,
-- so only the field itself is found.
CREATE INDEX acts_emergency ON acts (subject) WHERE type = 'cr.submit' AND instr(CAST(payload AS TEXT), '"emergency":true') > 0;
