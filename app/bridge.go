//go:build dev

package app

// bridge is true in the build that serves the window to a browser over Wails'
// development bridge. Its socket accepts any origin, so such a build opens demo
// workspaces only.
const bridge = true
