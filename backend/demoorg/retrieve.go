package demoorg

import (
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"countersign/backend/metadata"
)

// A retrieval is one retrieve call. It lives as long as the org is open, or
// until enough newer ones have come.
type retrieval struct {
	id     string
	status string
	file   string // the zip, when it succeeded
	result retrieveResult
}

type retrieves struct {
	dir  string
	list []*retrieval
	last int64
}

const keptRetrieves = 50

// retrieveLimit is Salesforce's for one call ("Metadata Limits").
const retrieveLimit = 10_000

func (o *Org) openRetrieves() error {
	o.retrieves.dir = filepath.Join(o.dir, "retrieves")
	if err := o.retrieves.removeAll(); err != nil {
		return err
	}
	return os.MkdirAll(o.retrieves.dir, dirMode)
}

func (r *retrieves) removeAll() error { return os.RemoveAll(r.dir) }

// A retrieveQuestion is what to bring.
type retrieveQuestion struct {
	model      *model
	manifest   *metadata.Manifest // of unpackaged; nil when only packages are asked for
	packages   []string
	only       map[string]bool // specificFiles, by path in the zip; empty for all
	changeSets []changeSet
	single     bool
	stamps     func(model *model, key metadata.Key, file string) fileProperties
}

// startRetrieve queues a retrieve and gives its id.
func (o *Org) startRetrieve(q retrieveQuestion) (string, *fault) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return "", faultf(503, "SERVER_UNAVAILABLE", "The demo org is closing.")
	}
	o.retrieves.last++
	// The number goes on from the time, so that an id is not given twice after
	// a restart.
	number := o.clock().UnixMilli()*1000 + o.retrieves.last
	t := &retrieval{id: countID("09S", o.pod(), number), status: statusPending}
	o.retrieves.list = append(o.retrieves.list, t)
	if over := len(o.retrieves.list) - keptRetrieves; over > 0 && done(o.retrieves.list[0].status) {
		_ = os.Remove(o.retrieves.list[0].file)
		o.retrieves.list = append([]*retrieval{}, o.retrieves.list[1:]...)
	}
	q.model, q.changeSets = o.model, o.changeSets
	o.side.Add(1)
	go func() {
		defer o.side.Done()
		o.retrieve(o.ctx, t, q)
	}()
	return t.id, nil
}

func (o *Org) retrieve(ctx context.Context, t *retrieval, q retrieveQuestion) {
	if wait := o.pause(1) * 2; wait > 0 {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
	o.mu.Lock()
	t.status = statusInProgress
	o.mu.Unlock()
	file := filepath.Join(o.retrieves.dir, t.id+zipEnding)
	result, err := q.write(file)
	if err != nil {
		o.log.Error("retrieve", "id", t.id, "error", err)
		result = retrieveFailed("UNKNOWN_EXCEPTION", "An unexpected error occurred in the demo org.")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	result.ID, result.Done = t.id, true
	result.Success = result.Status == statusSucceeded
	t.result, t.file, t.status = result, file, result.Status
}

func retrieveFailed(code, text string) retrieveResult {
	return retrieveResult{Status: statusFailed, ErrorStatusCode: code, ErrorMessage: code + ": " + text}
}

// write makes the zip and says what is in it.
func (q retrieveQuestion) write(file string) (retrieveResult, error) {
	result := retrieveResult{Status: statusSucceeded}
	files := map[string][]byte{}
	for _, name := range q.packages {
		set, ok := q.changeSet(name)
		if !ok {
			return retrieveFailed("INVALID_CROSS_REFERENCE_KEY", fmt.Sprintf("No package named '%s' found", name)), nil
		}
		q.add(files, &result, metadata.ManifestOf(versionText(newestVersion), set.Members), q.folder(folderName(name)))
	}
	if q.manifest != nil {
		q.add(files, &result, q.manifest, q.folder("unpackaged"))
	}
	q.keepOnly(files, &result)
	if len(files) > retrieveLimit {
		return retrieveFailed("LIMIT_EXCEEDED", fmt.Sprintf("Too many files in retrieve call, limit is: %d", retrieveLimit)), nil
	}
	tree, err := metadata.NewTree(files)
	if err != nil {
		return result, err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return result, err
	}
	err = tree.WriteZip(f, "")
	size, _ := f.Seek(0, io.SeekCurrent)
	if err = errors.Join(err, f.Close()); err != nil {
		return result, err
	}
	if size > zipLimit || tree.Size() > metadata.DefaultLimits().Total {
		return retrieveFailed("LIMIT_EXCEEDED", fmt.Sprintf("Maximum size of retrieve reached. Maximum size is %d bytes compressed and %d bytes uncompressed", zipLimit, metadata.DefaultLimits().Total)),
			os.Remove(file)
	}
	return result, nil
}

// folder gives where a package lies in the zip: in a folder of its own, unless a
// single one was asked for and there is no other ("RetrieveRequest", Metadata
// API Developer Guide).
func (q retrieveQuestion) folder(name string) string {
	if q.single && (len(q.packages) == 0 || len(q.packages) == 1 && q.manifest == nil) {
		return ""
	}
	return name
}

// keepOnly heeds specificFiles: of all that was asked for, only these come, and
// the package.xml.
func (q retrieveQuestion) keepOnly(files map[string][]byte, result *retrieveResult) {
	if len(q.only) == 0 {
		return
	}
	for path := range files {
		if !q.only[path] && !strings.HasSuffix("/"+path, "/package.xml") {
			delete(files, path)
		}
	}
	result.FileProperties = slices.DeleteFunc(result.FileProperties, func(p fileProperties) bool { return files[p.FileName] == nil })
}

func (q retrieveQuestion) changeSet(name string) (changeSet, bool) {
	for _, set := range q.changeSets {
		if set.Name == name {
			return set, true
		}
	}
	return changeSet{}, false
}

// folderName makes a folder of a change set's name.
func folderName(name string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '_'
		}
		return r
	}, name), ". ")
}

// add puts what a manifest asks for below a folder of the zip. A member that
// is not in the org is a message, not an error.
func (q retrieveQuestion) add(files map[string][]byte, result *retrieveResult, manifest *metadata.Manifest, folder string) {
	in := func(path string) string {
		if folder == "" {
			return path
		}
		return folder + "/" + path
	}
	full, found := q.members(manifest, func(key metadata.Key) {
		if path, data, ok := q.model.flowFile(key); ok {
			files[in(path)] = data
			result.FileProperties = append(result.FileProperties, q.stamps(q.model, key, in(path)))
			return
		}
		problem := fmt.Sprintf("Entity of type '%s' named '%s' cannot be found", key.Type, key.Name)
		result.Messages = append(result.Messages, retrieveMessage{FileName: in("package.xml"), Problem: problem})
	})
	selected := q.model.selectFiles(found)
	brought := q.model.broughtBy(found)
	for _, key := range found {
		if hasRows(key.Type, manifest.Version) {
			path := mainFile(q.model.components[key].Paths)
			selected[path] = q.model.cut(selected[path], brought)
		}
	}
	for path, data := range selected {
		files[in(path)] = data
	}
	for _, key := range found {
		result.FileProperties = append(result.FileProperties, q.stamps(q.model, key, in(mainFile(q.model.components[key].Paths))))
	}
	files[in("package.xml")] = full.Bytes()
}

// broughtBy gives what a retrieve of the keys brings: objects come with all
// their children.
func (m *model) broughtBy(keys []metadata.Key) map[metadata.Key]bool {
	brought := make(map[metadata.Key]bool, len(keys))
	for _, key := range keys {
		brought[key] = true
		if holdsOthers(key.Type) {
			for _, child := range m.childrenOf(key) {
				brought[child] = true
			}
		}
	}
	return brought
}

// members gives the manifest with its wildcards replaced, and the components
// of it that the org has.
func (q retrieveQuestion) members(manifest *metadata.Manifest, missing func(metadata.Key)) (*metadata.Manifest, []metadata.Key) {
	inventory := make([]metadata.Key, 0, len(q.model.components))
	for key := range q.model.components {
		inventory = append(inventory, key)
	}
	full, _ := resolved(manifest, keySet(q.model)).Expand(inventory)
	var found []metadata.Key
	for _, key := range full.Keys() {
		if q.model.has(key) {
			found = append(found, key)
			continue
		}
		if children := q.model.childrenOf(key); len(children) > 0 {
			found = append(found, children...)
			continue
		}
		missing(key)
	}
	return full, found
}

// childrenOf gives the children of an object that the org knows by them only,
// as it does standard objects.
func (m *model) childrenOf(key metadata.Key) []metadata.Key {
	t, known := metadata.TypeOf(key.Type)
	if !known || !isOwner(key.Type) {
		return nil
	}
	return m.byPath[t.Dir+"/"+key.Name+"."+t.Suffix]
}

// checkRetrieve answers checkRetrieveStatus; the zip is read from disk and
// written as it is encoded.
func (o *Org) checkRetrieve(w http.ResponseWriter, id string, withZip bool) error {
	o.mu.Lock()
	t := o.findRetrieval(id)
	var result retrieveResult
	if t != nil {
		result = retrieveResult{ID: t.id, Status: t.status}
		if done(t.status) {
			result = t.result
		}
	}
	o.mu.Unlock()
	if t == nil {
		writeFault(w, faultf(500, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"))
		return nil
	}
	var zipped io.Reader = strings.NewReader("")
	if result.Success && withZip {
		f, err := os.Open(t.file)
		if err != nil {
			writeFault(w, faultf(500, "INVALID_CROSS_REFERENCE_KEY", "The result of this retrieve is not kept any more."))
			return nil
		}
		defer f.Close()
		zipped = f
	}
	head, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"result"`
		retrieveResult
	}{retrieveResult: result})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	if _, err := io.WriteString(w, metadataHead+"<checkRetrieveStatusResponse>"+strings.TrimSuffix(string(head), "</result>")+"<zipFile>"); err != nil {
		return err
	}
	encoder := base64.NewEncoder(base64.StdEncoding, w)
	if _, err := io.Copy(encoder, zipped); err != nil {
		return err
	}
	if err := encoder.Close(); err != nil {
		return err
	}
	_, err = io.WriteString(w, "</zipFile></result></checkRetrieveStatusResponse>"+soapTail)
	return err
}

func (o *Org) findRetrieval(id string) *retrieval {
	if len(id) == 15 {
		id = id18(id)
	}
	for _, t := range o.retrieves.list {
		if t.id == id {
			return t
		}
	}
	return nil
}
