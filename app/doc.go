// Package app is the window: the facades that the page can call, and how Wails
// is started and stopped around one open workspace.
//
// Every exported method of a facade can be called by any script in the window.
// So a facade holds unexported fields only, its methods are a few lines that
// ask the workspace, and bindings_test.go lists what the page sees.
package app
