package app

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
)

// contentPolicy lets the page load its own files and nothing else. Frames are
// off because any frame, also a srcdoc one, can call every bound method; inline
// styles are on because Mantine writes them.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; font-src 'self' data:; connect-src 'self'; " +
	"frame-src 'none'; frame-ancestors 'none'; worker-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'"

// secured puts the policy on every answer of the asset server and keeps a panic
// in a handler from ending the process, which Wails does not.
func secured(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if p := recover(); p != nil {
					log.Error("serve the page", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
					http.Error(w, "Something went wrong.", http.StatusInternalServerError)
				}
			}()
			w.Header().Set("Content-Security-Policy", contentPolicy)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			w.Header().Set("Referrer-Policy", "no-referrer")
			if bridge && fromWindow(r) {
				_, _ = w.Write([]byte("<!doctype html><title>Countersign</title>"))
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// fromWindow recognises the hidden window of a bridge build asking for the
// page. It gets an empty one: otherwise it would run the same page beside the
// browser and answer its events too.
func fromWindow(r *http.Request) bool {
	return r.URL.Path == "/" && strings.Contains(r.UserAgent(), "wails.io")
}
