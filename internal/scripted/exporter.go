package scripted

import (
	"errors"
	"flag"
	"fmt"
	"os"
	ossignal "os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"epochtime/internal/testgraph"
)

// Exporter stands in for Python with the exporter. It follows the commands in a model
// file, one per line, makes a graph, and appends its arguments to the file export.log.
//
//	name NAME        name of the graph (default: that of the model file)
//	model PATH=JSON  change of the manifest, as of testgraph.Write
//	phase CALL LINE  a phase of a script: a graph for each, NAME-1, NAME-2 …
//	import FILE      another source file
//	large FILE       a source that is known by its size and time
//	listed FOLDER    a source that is known by the names in it
//	print TEXT       prints on stdout
//	fail CODE TEXT   prints on stderr, \n as a new line, and exits with the code
//	refuse NAME TEXT prints on stderr and exits with 2 where the option is given
//	none             makes no graph
//	hang FILE        makes FILE and waits for SIGINT
//	die              ends by a signal
func Exporter() {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	out, list := flags.String("out", "graphs", ""), flags.String("sources", "", "")
	for _, name := range []string{"name", "arg", "width", "optimizer", "precision", "batch", "script-arg", "steps-per-epoch"} {
		flags.String(name, "", "")
	}
	for _, name := range []string{"jit", "debug", "one-replica"} {
		flags.Bool(name, false, "")
	}
	err := errors.Join(logArguments(), flags.Parse(os.Args[4:])) // -m pygen export
	if err == nil {
		given := map[string]bool{}
		flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
		err = exportAs(flags.Arg(0), *out, *list, given)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "epochtime:", err)
		os.Exit(2)
	}
	os.Exit(0)
}

func logArguments() error {
	f, err := os.OpenFile("export.log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = fmt.Fprintln(f, strings.Join(os.Args[1:], " "))
	return err
}

// exportAs follows the model file of a spec. given are the options on the command line.
func exportAs(spec, out, list string, given map[string]bool) error {
	path, rest, _ := strings.Cut(spec, ":")
	var lines []string
	var sources []Source
	name, file := strings.ToLower(rest), spec
	if path == "module" {
		path, file = strings.ReplaceAll(rest, ".", "/")+".py", "-m "+rest
	}
	if path != "keras" {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		lines, sources = strings.Split(strings.TrimSpace(string(text)), "\n"), []Source{{Path: path}}
		name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	var changes, phases []string
	for _, line := range lines {
		switch word, rest, _ := strings.Cut(line, " "); word {
		case "name":
			name = rest
		case "model":
			changes = append(changes, rest)
		case "phase":
			phases = append(phases, rest)
		case "import":
			sources = append(sources, Source{Path: rest})
		case "large":
			sources = append(sources, Source{Path: rest, Large: true})
		case "listed":
			sources = append(sources, Source{Path: rest, Folder: true})
		case "refuse":
			if option, text, _ := strings.Cut(rest, " "); given[option] {
				act("fail", "2 "+text)
			}
		case "none":
			return ListSources(list, sources)
		default:
			act(word, rest)
		}
	}
	return errors.Join(writeGraphs(filepath.Join(out, name), file, phases, changes), ListSources(list, sources))
}

// writeGraphs writes the graph of a model, or one for each phase of a script.
func writeGraphs(dir, file string, phases, changes []string) error {
	if len(phases) == 0 {
		return testgraph.Write(dir, changes...)
	}
	for i, phase := range phases {
		call, line, _ := strings.Cut(phase, " ")
		script := fmt.Sprintf(`script={"file":%q,"call":%q,"line":%s,"phase":%d,"phases":%d}`, file, call, line, i+1, len(phases))
		name := dir
		if len(phases) > 1 {
			name = fmt.Sprintf("%s-%d", dir, i+1)
		}
		if err := testgraph.Write(name, append(slices.Clone(changes), script)...); err != nil {
			return err
		}
	}
	return nil
}

// act executes a command that does not change the graph.
func act(word, rest string) {
	switch word {
	case "print":
		fmt.Println(rest)
	case "fail":
		number, text, _ := strings.Cut(rest, " ")
		fmt.Fprintln(os.Stderr, "epochtime:", strings.ReplaceAll(text, `\n`, "\n"))
		status, _ := strconv.Atoi(number)
		os.Exit(status)
	case "hang":
		stop := make(chan os.Signal, 1)
		ossignal.Notify(stop, os.Interrupt)
		if os.WriteFile(rest, nil, 0o644) == nil {
			<-stop
		}
		os.Exit(130)
	case "die":
		if p, err := os.FindProcess(os.Getpid()); err == nil {
			_ = p.Kill()
			select {}
		}
	}
}
