//go:build bindings

package app

// generating is true in the build that only writes the frontend's bindings.
const generating = true
