//go:build !planted

package deploy

// plantedResend is the fault that only build/proof/kills builds in; see planted.go.
const plantedResend = false
