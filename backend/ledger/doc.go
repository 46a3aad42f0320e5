// Package ledger signs acts and verifies them, and is the only maker of a
// verified governance.History.
//
// What is stored is what was signed: the bytes of one small canonical JSON
// statement, signed with Ed25519 over DSSE's pre-authentication encoding
// (https://github.com/secure-systems-lab/dsse/blob/master/protocol.md). Every
// key numbers its own acts and names the one before, every act names the
// workspace, the charter and the heads of the thread that its signer had seen,
// and the charters form a chain of their own. The audit trail is a Merkle tree
// of RFC 6962 (golang.org/x/mod/sumdb/tlog) with checkpoints as signed notes
// (https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint).
//
// Bundles carry acts, contents and files between machines, evidence files carry
// them to an auditor. Both are archives of one form (archive.go): a ZIP of
// stored entries behind a signed note that names each by its hash. Everything in
// one is verified before anything is handed over. A bundle can be encrypted with
// a passphrase (https://age-encryption.org/v1).
//
// The package knows no database, no network and no clock.
package ledger
