// Package store keeps a workspace on this machine: one SQLite database, blobs
// beside it, and backups of the database. It is the only package that knows
// GORM and SQL.
//
//	workspace.db         records, acts, revisions, the audit trail
//	blobs/ab/<sha256>    large content, named by its hash
//	backups/             whole copies of the database, the last ten
//
// # The rules of the door
//
// Every write goes through one door of this package, and each door is one
// transaction that holds the only write lock from its beginning (BEGIN
// IMMEDIATE; one writing connection). What a door changes, the act it signs and
// the entry in the audit trail that says so are committed together or not at
// all. So:
//
//   - The signer is unlocked before the door and comes in as an Author. Nothing
//     in a door waits for a keychain, a network or a person.
//   - A step runs inside the door. It gets the record, changes it or returns the
//     Intent that the rules made of it, and opens no other door: that would wait
//     for the lock that its own door holds. Reading in a step shows the database
//     as it was before the door.
//   - The door asks the rules itself once more before it signs, reads the history
//     again with the new act, and refuses the whole of it if the act would not
//     count.
//   - What the acts decide (status, round, revision) and what the store decides
//     (id, number, authors, parents, times) is not for a step to change.
//   - Locked content cannot be changed; the acts say what is locked, whatever the
//     column says.
//   - AfterCommit hears of every door that left a trace, after the commit and
//     outside the lock, perhaps from several goroutines at once: of two heads the
//     larger one is newer. It may read; a door that it opened would call it
//     again.
//
// A door's cost does not grow with the audit trail: the log's size is the
// largest index, a hash needs about log2(n) others, and only the history of the
// request concerned is read. What grows is the list of acts (their places in
// their keys' chains), which comes from an index that holds nothing else.
//
// # What is guarded, and how
//
// Acts, revisions, log entries, log hashes and checkpoints are append-only:
// triggers refuse to change, delete or replace them. Whoever can write to the
// file can drop a trigger, therefore Verify compares the whole schema with the
// one that the migrations make. The content of requests, records, logs and
// environments is covered by a digest in the last log entry about the row;
// status, round and revision are compared with the acts instead, and
// updated_at, which only sorts lists, is not covered. Scans are an inventory
// that can be taken again, and are not covered either; nor are the edits of
// drafts that can be taken back, since taking one back is an edit like any
// other. A door refuses to build
// on a row whose content is not what the audit trail says (row_altered) until a
// person lets RebuildStatuses set it right by name.
//
// # Between machines
//
// Export gathers a ledger.Contents over one state of the database; Preview and
// Import are the same door, which Preview takes back. Acts join by their ids,
// never by their time. What follows from them is made anew here: rows of requests
// and records from the revisions that were submitted last, Deployment Logs from
// the signed start and end of attempts that ended, statuses from the standings.
// An attempt that is under way elsewhere gets no row, because whoever has a row
// resumes it. Numbers and environments are this machine's own; a record from
// elsewhere names an environment as soon as there is one of its organisation.
//
// Drafts are signed by nobody. One that was made from what is here takes its
// place; any other waits in incoming_drafts until SettleDraft, and so does one's
// own when somebody else has submitted meanwhile. Digests of drafts that were
// sent or settled stay there, so that a later one is known to continue them.
//
// The heads of others' audit trails are kept in peer_checkpoints. One that
// contradicts an earlier one is told (PeerFindings) and closes nobody's gate:
// acts count by their own signatures.
//
// # What is remembered
//
// A signature is verified once in a process: by hash of the bytes and the
// signature, so that an act that was changed since is verified anew. With
// Options.Ahead that begins while Open looks through every page. The places of
// acts in their keys' chains are carried on act by act. Where the chains ended is
// kept in meta when the workspace is closed, and its digest in the keychain, so
// that a start reads no more places than came since: else opening would take
// longer the longer the trail is. When a chain forks, or a key was revoked from
// an act before its last, the places of all acts are read after all. Candidates, and the
// history that VerifyOpen makes, hold for one Version of the database, which is
// another one after every commit by anybody; Foreign tells commits of others
// from those of this Store's doors, after which entries of the audit trail say
// what to read again. Verify uses none of it.
//
// Verify never holds all acts: it reads their places, and then the acts of 500
// requests at a time, each verified, arranged and compared with the rows. Of each
// log entry it keeps the two hashes, 64 bytes.
//
// # Read only
//
// With Options.ReadOnly nothing is written or created in the folder, so a copy
// on a disk that cannot be written verifies too. Without a -wal file the
// database is opened as immutable. With one, or with an older schema, both
// files are copied to a private temporary folder, which Close removes: SQLite
// can read a -wal file only with a -shm file beside it, and would make that.
//
// # Adding a migration
//
//   - Write migrations/000N_what.sql with the next number. Released files are
//     never edited, and nothing goes back: the way back is a backup, which Open
//     makes before each migration.
//   - Each file runs in a transaction of its own, with the version and a log
//     entry "migrate". It may not touch the append-only tables' rows.
//   - A column that is added to a guarded table goes into a new form in rows.go,
//     after the forms that are there, and never into an old one: log entries
//     name the form of their digest and stay true for ever.
//   - Keep a workspace of the version before as testdata/version<N-1> (go test
//     -run Fixture -update writes one) and let the fixture test open it.
package store
