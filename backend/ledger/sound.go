//go:build !planted

package ledger

// plantedBlindness is the fault that only build/proof/tamper builds in; see
// planted.go.
const plantedBlindness = false
