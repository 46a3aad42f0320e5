//go:build planted

package deploy

// plantedResend sends an attempt again whose answer is missing, without looking
// for it in the org. The tag is for build/proof/kills alone: the crash loop must
// find this fault, or it could not find a real one. No build that ships has it.
const plantedResend = true
