//go:build !planted

package stage

// Planted says that this program itself was built with the planted faults.
const Planted = false
