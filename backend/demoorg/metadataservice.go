package demoorg

import (
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"

	"countersign/backend/metadata"
)

// metadata answers the operations of the metadata service.
func (o *Org) metadata(w http.ResponseWriter, version int, req *soapRequest) {
	u, ok := o.bySession(req.session)
	if !ok {
		writeFault(w, sessionFault())
		return
	}
	f := o.refuseCall(u)
	if f == nil {
		f = metadataRefusal(u.provoked)
	}
	if f != nil {
		writeFault(w, f)
		return
	}
	operation, op := req.operation.name, req.operation
	switch operation {
	case "describeMetadata":
		o.unsent(writeSOAP(w, metadataHead, operation, o.describe()))
	case "listMetadata":
		o.listMetadata(w, op)
	case "retrieve":
		o.retrieveCall(w, op)
	case "checkRetrieveStatus":
		o.unsent(o.checkRetrieve(w, op.value("asyncProcessId", "id"), op.is("includeZip", true)))
	case "deploy":
		o.deployCall(w, version, req, u)
	case "checkDeployStatus":
		o.checkDeploy(w, version, op)
	case "cancelDeploy":
		result, f := o.cancel(op.value("String", "id", "asyncProcessId"), u.ID)
		o.reply(w, operation, result, f)
	case "deployRecentValidation":
		d, f := o.quick(op.value("validationId", "validationID", "id"), u)
		if f != nil {
			writeFault(w, f)
			return
		}
		o.unsent(writeSOAP(w, metadataHead, operation, d.ID))
	default:
		writeFault(w, faultf(500, "INVALID_OPERATION", "The demo org has no operation '%s' in the metadata service.", operation))
	}
}

func (o *Org) reply(w http.ResponseWriter, operation string, result any, f *fault) {
	if f != nil {
		writeFault(w, f)
		return
	}
	o.unsent(writeSOAP(w, metadataHead, operation, result))
}

func (o *Org) describe() describeResult {
	children := childTypes()
	r := describeResult{PartialSaveAllowed: true, TestRequired: o.kind() == KindProduction}
	for _, t := range metadata.Types() {
		if t.Parent != "" || t.Dir == "" {
			continue
		}
		kids := slices.Clone(children[t.Name])
		slices.Sort(kids)
		r.Objects = append(r.Objects, describeObject{
			ChildXMLNames: kids, DirectoryName: t.Dir, InFolder: t.InFolder, MetaFile: t.MetaFile, Suffix: t.Suffix, TypeName: t.Name,
		})
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, typeName := range o.model.strangeTypes() {
		r.Objects = append(r.Objects, describeObject{DirectoryName: o.model.strangeDir(typeName), TypeName: typeName})
	}
	return r
}

func (m *model) strangeTypes() []string {
	var names []string
	for key := range m.strange {
		if !slices.Contains(names, key.Type) {
			names = append(names, key.Type)
		}
	}
	slices.Sort(names)
	return names
}

func (m *model) strangeDir(typeName string) string {
	for key, paths := range m.strange {
		if key.Type == typeName {
			dir, _, _ := strings.Cut(paths[0], "/")
			return dir
		}
	}
	return ""
}

// mostQueries is how many queries one listMetadata takes (Metadata API guide).
const mostQueries = 3

func (o *Org) listMetadata(w http.ResponseWriter, op *node) {
	var queries []*node
	for _, k := range op.kids {
		if strings.EqualFold(k.name, "queries") {
			queries = append(queries, k)
		}
	}
	if len(queries) > mostQueries {
		writeFault(w, faultf(500, "LIMIT_EXCEEDED", "Too many queries in listMetadata call, limit is: %d", mostQueries))
		return
	}
	var results []any
	for _, q := range queries {
		list, f := o.list(q.value("type"), q.value("folder"))
		if f != nil {
			writeFault(w, f)
			return
		}
		for _, p := range list {
			results = append(results, p)
		}
	}
	o.unsent(writeSOAP(w, metadataHead, "listMetadata", results...))
}

// folderTypes maps the type that lists folders to the type in them. Templates
// of both kinds lie in the same folders.
func folderTypes() map[string]string {
	folders := map[string]string{"EmailTemplateFolder": "EmailTemplate"}
	for _, t := range metadata.Types() {
		if t.FolderType != "" {
			folders[t.FolderType] = t.Name
		}
	}
	return folders
}

func (o *Org) list(typeName, folder string) ([]fileProperties, *fault) {
	o.mu.Lock()
	m := o.model
	o.mu.Unlock()
	if inside, ok := folderTypes()[typeName]; ok {
		return o.listFolders(m, typeName, inside), nil
	}
	t, known := metadata.TypeOf(typeName)
	if !known && len(m.byType[typeName]) == 0 {
		if otherTypes[typeName] {
			return nil, nil
		}
		return nil, faultf(500, "INVALID_TYPE", "Unknown type:%s", typeName)
	}
	var list []fileProperties
	for _, key := range m.byType[typeName] {
		if t.InFolder && (folder == "" || !strings.HasPrefix(key.Name, strings.TrimSuffix(folder, "/")+"/")) {
			continue
		}
		list = append(list, o.properties(m, key, mainFile(m.components[key].Paths)))
	}
	if typeName == "CustomObject" {
		list = append(list, o.objectsByChildren(m)...)
	}
	return list, nil
}

// objectsByChildren lists the objects that the org knows by their fields and
// rules only, as it does standard objects without settings of their own.
func (o *Org) objectsByChildren(m *model) []fileProperties {
	var list []fileProperties
	for _, path := range m.tree.Paths() {
		name, ok := strings.CutPrefix(path, "objects/")
		if !ok {
			continue
		}
		name, ok = strings.CutSuffix(name, ".object")
		if key := (metadata.Key{Type: "CustomObject", Name: name}); ok && !m.has(key) {
			list = append(list, o.properties(m, key, path))
		}
	}
	return list
}

// listFolders lists the folders, by their own file or by what lies in them.
func (o *Org) listFolders(m *model, folderType, inside string) []fileProperties {
	seen := map[string]bool{}
	var list []fileProperties
	add := func(name, file string) {
		if seen[name] {
			return
		}
		seen[name] = true
		p := o.properties(m, metadata.Key{Type: inside, Name: name}, file)
		p.Type = folderType
		list = append(list, p)
	}
	t, _ := metadata.TypeOf(inside)
	for _, key := range m.byType[inside] {
		folder, _, isMember := cutLast(key.Name)
		if !isMember {
			add(key.Name, t.Dir+"/"+key.Name)
			continue
		}
		add(folder, t.Dir+"/"+folder)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].FullName < list[j].FullName })
	return list
}

func cutLast(name string) (before, after string, found bool) {
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return name, "", false
	}
	return name[:i], name[i+1:], true
}

// properties describes one component. A standard object has no id and the
// dates of 1970, as in an org.
func (o *Org) properties(m *model, key metadata.Key, file string) fileProperties {
	c, own := m.components[key]
	st := c.stamp
	p := fileProperties{FileName: file, FullName: key.Name, Type: key.Type, ID: o.componentID(key), ManageableState: "unmanaged"}
	if !own {
		st = m.newestIn(key)
	}
	if key.Type == "CustomObject" && isStandardObject(key.Name) {
		st.Created, st.Modified = time.Unix(0, 0), time.Unix(0, 0)
		p.ID, p.ManageableState = "", ""
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if st.CreatedBy == "" {
		st.CreatedBy, st.ModifiedBy = o.who.Users[0].ID, o.who.Users[0].ID
	}
	if st.Created.IsZero() {
		st.Created, st.Modified = o.who.Created, o.who.Created
	}
	p.CreatedByID, p.CreatedByName, p.CreatedDate = st.CreatedBy, o.who.userName(st.CreatedBy), at(st.Created)
	p.LastModifiedByID, p.LastModifiedByName, p.LastModifiedDate = st.ModifiedBy, o.who.userName(st.ModifiedBy), at(st.Modified)
	return p
}

// newestIn gives the last change to anything in an owner's file.
func (m *model) newestIn(key metadata.Key) stamp {
	var newest stamp
	for _, child := range m.childrenOf(key) {
		if st := m.components[child].stamp; st.Modified.After(newest.Modified) {
			newest = st
		}
	}
	return newest
}

func (o *Org) retrieveCall(w http.ResponseWriter, op *node) {
	request := op.kid("retrieveRequest", "request")
	if request == nil {
		writeFault(w, faultf(500, "UNKNOWN_EXCEPTION", "The retrieve has no retrieveRequest."))
		return
	}
	q := retrieveQuestion{single: request.yes("singlePackage"), stamps: o.properties, packages: request.values("packageNames"), only: setOf(request.values("specificFiles"))}
	if unpackaged := request.kid("unpackaged"); unpackaged != nil {
		q.manifest = &metadata.Manifest{Version: unpackaged.value("version"), Members: map[string][]string{}}
		for _, k := range unpackaged.kids {
			if name := k.value("name"); strings.EqualFold(k.name, "types") && name != "" {
				q.manifest.Members[name] = append(q.manifest.Members[name], k.values("members")...)
			}
		}
	}
	if q.manifest == nil && len(q.packages) == 0 {
		writeFault(w, faultf(500, "UNKNOWN_EXCEPTION", "The retrieve names neither unpackaged nor packageNames."))
		return
	}
	id, f := o.startRetrieve(q)
	o.reply(w, "retrieve", asyncResult{ID: id, State: "Queued"}, f)
}

func (o *Org) deployCall(w http.ResponseWriter, version int, req *soapRequest, u user) {
	if req.zip == nil {
		writeFault(w, faultf(500, "INVALID_OPERATION", "The deploy has no ZipFile."))
		return
	}
	file, err := req.zip.finish()
	req.zip = nil
	if err != nil {
		writeFault(w, o.diskFault(err))
		return
	}
	options, f := o.soapOptions(req.operation.kid("DeployOptions"), version)
	if f == nil {
		var d *deployment
		if d, f = o.accept(file, u, options, ""); f == nil {
			o.unsent(writeSOAP(w, metadataHead, "deploy", asyncResult{ID: d.ID, State: "Queued"}))
			return
		}
	}
	file.discard()
	writeFault(w, f)
}

// soapOptions reads DeployOptions in any order and any subset. In production
// rollbackOnError has no other value than true, so it need not be said there.
func (o *Org) soapOptions(n *node, version int) (deployOptions, *fault) {
	options := deployOptions{
		AllowMissingFiles: n.yes("allowMissingFiles"), AutoUpdatePackage: n.yes("autoUpdatePackage"), CheckOnly: n.yes("checkOnly"),
		IgnoreWarnings: n.yes("ignoreWarnings"), PerformRetrieve: n.yes("performRetrieve"), PurgeOnDelete: n.yes("purgeOnDelete"),
		RollbackOnError: n.is("rollbackOnError", o.kind() == KindProduction), RunTests: n.values("runTests"),
		SinglePackage: n.yes("singlePackage"), TestLevel: n.value("testLevel"),
	}
	return options, knownLevel(options.TestLevel, version)
}

func (o *Org) checkDeploy(w http.ResponseWriter, version int, op *node) {
	result, f := o.deployStatus(op.value("asyncProcessId", "id"), op.yes("includeDetails"))
	if f != nil {
		writeFault(w, f)
		return
	}
	o.unsent(writeSOAP(w, metadataHead, "checkDeployStatus", result.inVersion(version)))
}

func (o *Org) deployStatus(id string, details bool) (deployResult, *fault) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.find(id)
	if d == nil {
		return deployResult{}, unknownDeployment(id)
	}
	result, err := o.result(d, details)
	if err != nil {
		return deployResult{}, o.diskFault(err)
	}
	return result, nil
}
