//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/protocol"
)

// outcome is what has to become of a launch.
type outcome int

const (
	fails   outcome = iota // the launch fails, and the command says so
	passes                 // the launch counts
	noticed                // the launch may count or fail, but the exit code and the record agree
)

// mutation is a way to say a conversation wrongly.
type mutation struct {
	name     string
	commands string // of the script
	want     outcome
}

// names of the lines of a conversation.
func lineNames(lines []string) []string {
	var out []string
	for i, line := range lines {
		var e protocol.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			panic(err) // the lines are constants
		}
		out = append(out, fmt.Sprintf("%d-%s", i, e.Event))
	}
	return out
}

// orderMutations leave lines out, double and exchange them, and stop early.
func orderMutations(lines []string, mayLack string) []mutation {
	var out []mutation
	add := func(name string, lines []string, want outcome) {
		out = append(out, mutation{name, say(lines), want})
	}
	names := lineNames(lines)
	for i, name := range names {
		want := fails
		if mayLack != "" && strings.HasSuffix(name, mayLack) {
			want = passes
		}
		add("without-"+name, slices.Delete(slices.Clone(lines), i, i+1), want)
		add("twice-"+name, slices.Insert(slices.Clone(lines), i, lines[i]), fails)
		add("only-"+name, lines[i:i+1], fails)
		out = append(out, mutation{"fails-before-" + name, say(lines[:i]) + "exit 3", fails})
		for j := i + 1; j < len(lines); j++ {
			swapped := slices.Clone(lines)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			add("exchanged-"+name+"-with-"+names[j], swapped, fails)
		}
	}
	return out
}

// cutMutations end in the middle of a line, at every stride-th byte of what is said.
func cutMutations(lines []string, stride int) []mutation {
	var out []mutation
	for i, line := range lines {
		for at := 1; at < len(line); at += stride {
			out = append(out, mutation{fmt.Sprintf("cut-line-%d-at-%d", i, at), say(lines[:i]) + "write " + line[:at], fails})
		}
	}
	return out
}

// garbageMutations say what is not an event, before each line.
func garbageMutations(lines []string) []mutation {
	garbage := []struct {
		name, command string
		want          outcome
	}{
		{"an-empty-line", "print", fails},
		{"a-word", "print hello", fails},
		{"bytes", "print \x01\xff\xfe\x1b[31m", fails},
		{"an-empty-object", "print {}", fails},
		{"a-list", "print []", fails},
		{"null", "print null", fails},
		{"nesting", "print " + strings.Repeat("[", 20000), fails},
		{"an-endless-line", "flood 3000000", fails},
		{"a-later-event", `print {"event":"of a later version","x":1}`, noticed},
	}
	var out []mutation
	for i, name := range lineNames(lines) {
		for _, g := range garbage {
			if i%3 == 0 || i == len(lines)-1 || g.name == "a-word" {
				out = append(out, mutation{g.name + "-before-" + name, say(lines[:i]) + g.command + "\n" + say(lines[i:]), g.want})
			}
		}
	}
	for _, g := range garbage {
		want := fails
		if g.name == "a-later-event" {
			want = noticed
		}
		out = append(out, mutation{g.name + "-at-the-end", say(lines) + g.command, want})
	}
	return out
}

// field is a place in a line and what may be wrong there. values are JSON, or what
// claims to be.
type field struct {
	line   int
	path   string // dotted
	values map[string]outcome
}

// fieldMutations set fields to wrong values.
func fieldMutations(lines []string, fields []field) []mutation {
	var out []mutation
	for _, f := range fields {
		for _, value := range sorted(f.values) {
			changed := slices.Clone(lines)
			changed[f.line] = set(lines[f.line], f.path, value)
			out = append(out, mutation{fmt.Sprintf("%s-of-line-%d-is-%s", f.path, f.line, value), say(changed), f.values[value]})
		}
	}
	return out
}

func sorted(m map[string]outcome) []string {
	var out []string
	for value := range m {
		out = append(out, value)
	}
	slices.Sort(out)
	return out
}

// set returns a JSON object with another text at a dotted path.
func set(line, path, value string) string {
	const place = "the place of the value"
	var object map[string]any
	if err := json.Unmarshal([]byte(line), &object); err != nil {
		panic(err) // the lines are constants
	}
	keys := strings.Split(path, ".")
	at := object
	for _, key := range keys[:len(keys)-1] {
		at = at[key].(map[string]any)
	}
	at[keys[len(keys)-1]] = place
	text, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return strings.Replace(string(text), `"`+place+`"`, value, 1)
}
