package demoorg

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// rowsOfAPage is the batch size of a REST query (REST API Developer Guide,
// "Query": 2,000 by default).
const rowsOfAPage = 2000

// keptLocators is how many answers wait for their next page.
const keptLocators = 10

// A pagedAnswer is what a query found, of which a client takes one page after
// the other.
type pagedAnswer struct {
	id      string
	object  string
	tooling bool
	records []json.RawMessage
}

// locators are the answers that have more than one page, the newest last.
type locators []*pagedAnswer

func (o *Org) keepAnswer(object string, records []json.RawMessage, tooling bool) *pagedAnswer {
	a := &pagedAnswer{object: object, records: records, tooling: tooling}
	if len(records) <= rowsOfAPage {
		return a
	}
	a.id = "01g" + randomText(15)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.locators = append(o.locators, a)
	o.locators = o.locators[max(0, len(o.locators)-keptLocators):]
	return a
}

// nextPage answers the nextRecordsUrl of a page before: its locator ends with
// the row that comes next.
func (o *Org) nextPage(w http.ResponseWriter, r *http.Request, base, path string, tooling bool) {
	if !allowed(w, r, http.MethodGet) {
		return
	}
	name := path[strings.LastIndex(path, "/")+1:]
	id, row, _ := strings.Cut(name, "-")
	from, err := strconv.Atoi(row)
	o.mu.Lock()
	var found *pagedAnswer
	for _, a := range o.locators {
		if a.id == id && a.tooling == tooling {
			found = a
		}
	}
	o.mu.Unlock()
	if found == nil || err != nil || from <= 0 || from >= len(found.records) {
		writeJSONFault(w, faultf(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator"))
		return
	}
	if tooling {
		base += "/tooling"
	}
	o.answerPage(w, found, from, base+"/")
}

// answerPage writes one page of an answer; base ends where "query" begins.
func (o *Org) answerPage(w http.ResponseWriter, a *pagedAnswer, from int, base string) {
	to := min(from+rowsOfAPage, len(a.records))
	page, next := a.records[from:to], ""
	if to < len(a.records) {
		next = fmt.Sprintf("%squery/%s-%d", base, a.id, to)
	}
	if !a.tooling {
		writeJSONAnswer(w, http.StatusOK, struct {
			TotalSize      int               `json:"totalSize"`
			Done           bool              `json:"done"`
			NextRecordsURL string            `json:"nextRecordsUrl,omitempty"`
			Records        []json.RawMessage `json:"records"`
		}{len(a.records), next == "", next, page})
		return
	}
	var locator *string
	if next != "" {
		locator = &a.id
	}
	writeJSONAnswer(w, http.StatusOK, struct {
		Size           int               `json:"size"`
		TotalSize      int               `json:"totalSize"`
		Done           bool              `json:"done"`
		QueryLocator   *string           `json:"queryLocator"`
		NextRecordsURL string            `json:"nextRecordsUrl,omitempty"`
		EntityTypeName string            `json:"entityTypeName"`
		Records        []json.RawMessage `json:"records"`
	}{len(page), len(a.records), next == "", locator, next, a.object, page})
}
