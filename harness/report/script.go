package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/internal/harmless"
)

// ScriptPart names the part of a script that a graph is, as in "train.py, fit at line
// 41, 2 of 3"; empty where the graph is no script's.
func ScriptPart(s *record.Script) string {
	if s == nil {
		return ""
	}
	file := s.File
	if len(s.Arguments) > 0 {
		file += " " + harmless.Command(s.Arguments)
	}
	call := s.Call
	if s.Line > 0 {
		call = strings.TrimSpace(fmt.Sprintf("%s at line %d", s.Call, s.Line))
	}
	out := []string{file}
	if call != "" {
		out = append(out, call)
	}
	if s.Phases > 1 {
		out = append(out, fmt.Sprintf("%d of %d", s.Phase, s.Phases))
	}
	return strings.Join(out, ", ")
}

// Noticed is a notice, and the names of the graphs that it is about.
type Noticed struct {
	record.Notice
	Graphs []string
}

// Line is the notice in one line, as in "cnn: callbacks: TensorBoard is not called."
func (n Noticed) Line() string {
	return several(n.Graphs) + ": " + NoticeText(n.Notice)
}

// NoticeText is a notice in one line, without its graph. What it is about comes first
// where the sentence does not name it.
func NoticeText(n record.Notice) string {
	if strings.Contains(n.Text, n.About) {
		return n.Text
	}
	return n.About + ": " + n.Text
}

// Notices returns what of a person's own training is not in the times of runs, or is
// there in another way. One that several runs share is there once.
func Notices(runs []record.Run) []Noticed {
	var out []Noticed
	for _, r := range runs {
		for _, notice := range r.Graph.Notices {
			i := slices.IndexFunc(out, func(n Noticed) bool { return n.Notice == notice })
			if i < 0 {
				i = len(out)
				out = append(out, Noticed{Notice: notice})
			}
			if !slices.Contains(out[i].Graphs, r.Graph.Name) {
				out[i].Graphs = append(out[i].Graphs, r.Graph.Name)
			}
		}
	}
	return out
}

// ScriptLines says for each graph of a script which part of it is timed, as in "cnn is
// train.py, fit at line 41."
func ScriptLines(runs []record.Run) []string {
	var out []string
	for _, r := range runs {
		if part := ScriptPart(r.Graph.Script); part != "" {
			if line := r.Graph.Name + " is " + part + "."; !slices.Contains(out, line) {
				out = append(out, line)
			}
		}
	}
	return out
}

// scripts writes what is timed of scripts, and every notice.
func scripts(w io.Writer, runs []record.Run, width int) {
	lines, notices := ScriptLines(runs), Notices(runs)
	if len(lines)+len(notices) > 0 {
		fmt.Fprintln(w)
	}
	for _, line := range lines {
		fmt.Fprintln(w, Wrap("script: ", line, width))
	}
	for _, n := range notices {
		fmt.Fprintln(w, Wrap("notice: ", n.Line(), width))
	}
}

// compared are the runs of both sides of pairs.
func compared(pairs []compare.Pair) []record.Run {
	var out []record.Run
	for _, p := range pairs {
		for _, r := range []*record.Run{p.Base, p.New} {
			if r != nil {
				out = append(out, *r)
			}
		}
	}
	return out
}
