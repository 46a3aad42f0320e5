package demoorg

import (
	"countersign/backend/metadata"
)

// apply gives the org with every component that is alive put in its place and
// every deletion that is alive done.
func (c *check) apply() (*model, error) {
	put, gone := map[string][]byte{}, map[string]bool{}
	shared := map[string]bool{} // files that several components share
	modified := map[metadata.Key]bool{}
	for key, o := range c.adds {
		if o.problem != "" {
			continue
		}
		if o.changed {
			modified[key] = true
		}
		if sharesFile(key) {
			for _, path := range o.paths {
				shared[path] = true
			}
			continue
		}
		for _, path := range c.q.org.components[key].Paths {
			gone[path] = true
		}
		for _, path := range o.paths {
			put[path] = c.brought(key, path)
		}
	}
	c.applyFlows(put, gone)
	c.applyDeletions(put, gone, shared)
	c.dropRows(put, gone)
	for path := range shared {
		if gone[path] {
			continue
		}
		data, err := c.merge(path)
		if err != nil {
			return nil, err
		}
		if data == nil {
			gone[path] = true
			continue
		}
		put[path] = data
		c.keepForm(path, data, put, gone)
	}
	var away []string
	for path := range gone {
		if _, stays := put[path]; !stays {
			away = append(away, path)
		}
	}
	return c.q.org.next(put, away, c.liveStrangers(), modified, c.q.user, c.q.now)
}

// brought gives the new content of a file that belongs to one component: that of
// the package, for a profile with the rows of the org that it says nothing about.
func (c *check) brought(key metadata.Key, path string) []byte {
	data, _ := c.p.content.File(path)
	if !hasRows(key.Type, c.p.manifest.Version) {
		return data
	}
	if before, ok := c.q.org.tree.File(path); ok {
		return mergedRows(data, before)
	}
	return data
}

// dropRows takes the rows about what is deleted out of profiles and permission
// sets.
func (c *check) dropRows(put map[string][]byte, gone map[string]bool) {
	dropped := func(about metadata.Key) bool {
		if o := c.adds[about]; o != nil && o.problem == "" && !c.isDeleted(about, true) {
			return false
		}
		return c.leaves(about, true)
	}
	if len(c.deletes) == 0 {
		return
	}
	for _, typeName := range []string{"Profile", "PermissionSet"} {
		for _, key := range c.q.org.byType[typeName] {
			path := mainFile(c.q.org.components[key].Paths)
			data, changed := put[path]
			if !changed {
				data, _ = c.q.org.tree.File(path)
			}
			if after := withoutRows(data, dropped); len(after) != len(data) && !gone[path] {
				put[path] = after
			}
		}
	}
}

// sharesFile tells whether the component is, or may lie in, a file of several.
func sharesFile(key metadata.Key) bool {
	t, known := metadata.TypeOf(key.Type)
	return known && (t.Parent != "" || isOwner(key.Type))
}

func (c *check) applyDeletions(put map[string][]byte, gone, shared map[string]bool) {
	for key, o := range c.deletes {
		if o.problem != "" {
			continue
		}
		t, _ := metadata.TypeOf(key.Type)
		if key.Type == "Flow" && (o.late || c.adds[key] == nil) {
			c.deleteVersions(key, put, gone)
		}
		if isOwner(key.Type) { // an object goes with all its children
			path := t.Dir + "/" + key.Name + "." + t.Suffix
			gone[path] = true
			delete(put, path)
			continue
		}
		for _, path := range c.q.org.components[key].Paths {
			if t.Parent != "" {
				shared[path] = true
				continue
			}
			gone[path] = true
			if o.late {
				delete(put, path)
			}
		}
	}
}

// merge gives the new content of a file that several components share: those
// of the package that are alive in the place of the org's, without those that
// are deleted. A package that brings all of the file has it kept byte for
// byte.
func (c *check) merge(path string) ([]byte, error) {
	mine := metadata.Split(only(c.q.org.tree, map[string]bool{path: true}))
	theirs := metadata.Split(only(c.p.content, map[string]bool{path: true}))
	whole := len(theirs) > 0
	for key := range theirs {
		if o := c.adds[key]; o == nil || o.problem != "" || c.isDeleted(key, true) {
			whole = false
			delete(theirs, key)
		}
	}
	for key := range mine {
		if _, brought := theirs[key]; brought {
			continue
		}
		if c.isDeleted(key, false) || c.isDeleted(key, true) {
			delete(mine, key)
			continue
		}
		whole = false
	}
	if whole {
		data, _ := c.p.content.File(path)
		return data, nil
	}
	for key, part := range theirs {
		mine[key] = part
	}
	if len(mine) == 0 {
		return nil, nil
	}
	joined, err := metadata.Join(mine)
	if err != nil {
		return nil, err
	}
	data, _ := joined.File(path)
	return data, nil
}

func (c *check) isDeleted(key metadata.Key, late bool) bool {
	o := c.deletes[key]
	return o != nil && o.problem == "" && o.late == late
}

func (c *check) liveStrangers() map[metadata.Key][]string {
	live := map[metadata.Key][]string{}
	for key, paths := range c.p.strange {
		if o := c.adds[key]; o != nil && o.problem == "" {
			live[key] = paths
		}
	}
	return live
}
