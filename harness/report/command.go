package report

import (
	"slices"
	"strconv"

	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/internal/harmless"
)

// program is the name of the command line tool.
const program = "epochtime"

// Command returns the command line that measures a run alone, quoted for a shell.
func Command(r record.Run) string {
	if len(r.Command) > 0 { // a probe's has no graph
		return quoted(r.Command)
	}
	return quoted(words(r))
}

// words are those of the command line after the program's name.
func words(r record.Run) []string {
	if len(r.Command) > 1 {
		return r.Command
	}
	return append([]string{"run", r.Graph.Name}, setting.Words(setting.Defaults(), r.Config)...)
}

// compareCommand returns the command line that compares two runs as the sides of
// an ab, with so many launches a side; 0 leaves that out.
func compareCommand(a, b record.Run, launches int) string {
	out := append([]string{"ab"}, words(a)[1:]...)
	if a.Graph.SHA256 != b.Graph.SHA256 {
		out = append(out, "--b", "graph="+words(b)[1])
	}
	for _, item := range setting.Assignments(a.Config, b.Config) {
		out = append(out, "--b", item)
	}
	if launches > 0 {
		out = append(out, "--launches", strconv.Itoa(launches))
	}
	return quoted(out)
}

func quoted(list []string) string {
	return harmless.Command(slices.Concat([]string{program}, list))
}
