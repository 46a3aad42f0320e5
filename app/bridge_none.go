//go:build !dev

package app

// bridge is false in every build that ships.
const bridge = false
