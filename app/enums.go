package app

import (
	"strings"

	"countersign/backend/governance"
)

// enums lists the named strings that reach TypeScript as enums.
func enums() []any {
	return []any{
		named(governance.Statuses()),
		named(governance.ChangeTypes()),
		named([]governance.Change{governance.Add, governance.Modify, governance.Delete}),
	}
}

// An enumValue is the shape that Wails' EnumBind reads.
type enumValue[T ~string] struct {
	Value  T
	TSName string
}

// named gives each value the name it has in TypeScript: its own words joined,
// "In Progress" as InProgress.
func named[T ~string](values []T) []enumValue[T] {
	rows := make([]enumValue[T], 0, len(values))
	for _, value := range values {
		var name strings.Builder
		for word := range strings.FieldsSeq(string(value)) {
			name.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
		rows = append(rows, enumValue[T]{Value: value, TSName: name.String()})
	}
	return rows
}
