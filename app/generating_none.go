//go:build !bindings

package app

// generating is false in every build that is used.
const generating = false
