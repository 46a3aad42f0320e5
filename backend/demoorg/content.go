package demoorg

import (
	"strings"

	"countersign/backend/metadata"
)

// checkContent looks at the component alone.
func (c *check) checkContent(o *op) {
	t, known := metadata.TypeOf(o.key.Type)
	if !known {
		return
	}
	if t.MetaFile && !t.Bundle && !t.InFolder && len(o.paths) < 2 {
		o.fail("Required meta file missing: " + o.file + "-meta.xml")
		return
	}
	for _, path := range o.paths {
		if !isXML(t, path) {
			continue
		}
		if problem := c.xmlProblem(path); problem != "" {
			o.fail("Error parsing file: " + problem)
			return
		}
	}
	if o.key.Type == "FlowDefinition" {
		c.checkDefinition(o)
	}
	if o.key.Type != "ApexClass" && o.key.Type != "ApexTrigger" {
		return
	}
	data, _ := c.p.content.File(o.file)
	source := readApex(o.key.Name, o.key.Type == "ApexTrigger", data)
	c.sources[o.key] = source
	if line, problem := source.broken(); problem != "" {
		o.line = line
		o.fail(problem)
	}
}

// xmlProblem says what is wrong with a file's XML, worked out once: thousands of
// fields can lie in one.
func (c *check) xmlProblem(path string) string {
	problem, known := c.xmlProblems[path]
	if known {
		return problem
	}
	data, _ := c.p.content.File(path)
	if err := metadata.CheckXML(data); err != nil {
		problem = err.Error()
	}
	c.xmlProblems[path] = problem
	return problem
}

func isXML(t metadata.Type, path string) bool {
	if strings.HasSuffix(path, "-meta.xml") {
		return true
	}
	return !t.MetaFile && !t.Bundle && t.Suffix != "" && strings.HasSuffix(path, "."+t.Suffix)
}
