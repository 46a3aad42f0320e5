package metadata

import (
	"strconv"
	"strings"
)

// lines compares two texts line by line.
func (c *changes) lines(before, after string) {
	x, y := splitLines(before), splitLines(after)
	for _, e := range lcs(x, y) {
		switch {
		case e.before >= 0 && e.after >= 0:
			c.add(Change{lineAt(e.after), ChangeChanged, short(x[e.before]), short(y[e.after])})
		case e.before >= 0:
			c.add(Change{lineAt(e.before), ChangeRemoved, short(x[e.before]), ""})
		default:
			c.add(Change{lineAt(e.after), ChangeAdded, "", short(y[e.after])})
		}
	}
}

func lineAt(i int) string { return "line " + strconv.Itoa(i+1) }

// splitLines keeps the newline of the last line visible: a text that lost it
// differs from one that has it.
func splitLines(s string) []string { return strings.Split(s, "\n") }

// An edit pairs items of two lists: both set means changed, one set means
// removed (before) or added (after). Equal items have no edit.
type edit struct{ before, after int }

// lcsCells bounds the table of the longest common subsequence; what is left
// after cutting equal ends and is larger is paired by position.
const lcsCells = 4_000_000

// lcs gives the edits from one list to the other, in order. A run of removed
// items directly followed by added ones is paired up as changed.
func lcs(a, b []string) []edit {
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	endA, endB := len(a), len(b)
	for endA > start && endB > start && a[endA-1] == b[endB-1] {
		endA, endB = endA-1, endB-1
	}
	n, m := endA-start, endB-start
	if n*m > lcsCells {
		return pair(start, endA, start, endB, func(i, j int) bool { return a[i] == b[j] })
	}
	numbers := map[string]int32{}
	return walk(numbered(a[start:endA], numbers), numbered(b[start:endB], numbers), start)
}

// numbered gives equal items one number, so that long ones are compared once.
func numbered(items []string, numbers map[string]int32) []int32 {
	list := make([]int32, len(items))
	for i, item := range items {
		number, seen := numbers[item]
		if !seen {
			number = int32(len(numbers))
			numbers[item] = number
		}
		list[i] = number
	}
	return list
}

// walk finds the longest common subsequence and gives the edits around it.
func walk(a, b []int32, offset int) []edit {
	n, m := len(a), len(b)
	// common[i*(m+1)+j] is the length for a[i:] and b[j:].
	common := make([]int32, (n+1)*(m+1))
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i*(m+1)+j] = common[(i+1)*(m+1)+j+1] + 1
			} else {
				common[i*(m+1)+j] = max(common[(i+1)*(m+1)+j], common[i*(m+1)+j+1])
			}
		}
	}
	var edits []edit
	fromA, fromB := 0, 0
	flush := func(toA, toB int) {
		edits = append(edits, pair(offset+fromA, offset+toA, offset+fromB, offset+toB, nil)...)
	}
	i, j := 0, 0
	for i < n && j < m {
		switch {
		case a[i] == b[j]:
			flush(i, j)
			i, j = i+1, j+1
			fromA, fromB = i, j
		case common[(i+1)*(m+1)+j] >= common[i*(m+1)+j+1]:
			i++
		default:
			j++
		}
	}
	flush(n, m)
	return edits
}

// pair matches two runs by position and leaves the longer one's rest as
// removed or added.
func pair(fromA, toA, fromB, toB int, equal func(i, j int) bool) []edit {
	var edits []edit
	for fromA < toA && fromB < toB {
		if equal == nil || !equal(fromA, fromB) {
			edits = append(edits, edit{fromA, fromB})
		}
		fromA, fromB = fromA+1, fromB+1
	}
	for ; fromA < toA; fromA++ {
		edits = append(edits, edit{fromA, -1})
	}
	for ; fromB < toB; fromB++ {
		edits = append(edits, edit{-1, fromB})
	}
	return edits
}
