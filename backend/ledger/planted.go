//go:build planted

package ledger

// plantedBlindness leaves stored hashes of the log uncompared. The tag is for
// build/proof/tamper alone: the forgery loop must find this fault, or it could
// not find a real one. No build that ships has it.
const plantedBlindness = true
