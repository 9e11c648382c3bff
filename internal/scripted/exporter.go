package scripted

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	ossignal "os/signal"
	"path/filepath"
	"strconv"
	"strings"

	"epochtime/internal/testgraph"
)

// Exporter stands in for Python with the exporter. It follows the commands in a model
// file, one per line, makes a graph, and appends its arguments to the file export.log.
//
//	name NAME        name of the graph (default: that of the model file)
//	model PATH=JSON  change of the manifest, as of testgraph.Write
//	import FILE      another source file
//	print TEXT       prints on stdout
//	fail CODE TEXT   prints on stderr and exits with the code
//	none             makes no graph
//	hang FILE        makes FILE and waits for SIGINT
//	die              ends by a signal
func Exporter() {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	out, list := flags.String("out", "graphs", ""), flags.String("sources", "", "")
	for _, name := range []string{"arg", "optimizer", "precision", "batch"} {
		flags.String(name, "", "")
	}
	flags.Bool("jit", false, "")
	flags.Bool("debug", false, "")
	err := errors.Join(logArguments(), flags.Parse(os.Args[4:])) // -m pygen export
	if err == nil {
		err = exportAs(flags.Arg(0), *out, *list)
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

// exportAs follows the model file of a spec.
func exportAs(spec, out, list string) error {
	path, _, _ := strings.Cut(spec, ":")
	var lines []string
	name, sources := strings.ToLower(strings.TrimPrefix(spec, "keras:")), []string{}
	if path != "keras" {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		lines, sources = strings.Split(strings.TrimSpace(string(text)), "\n"), []string{path}
		name = strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), ".py"), ".keras")
	}
	var changes []string
	for _, line := range lines {
		switch word, rest, _ := strings.Cut(line, " "); word {
		case "name":
			name = rest
		case "model":
			changes = append(changes, rest)
		case "import":
			sources = append(sources, rest)
		case "none":
			return ListSources(list, sources)
		default:
			act(word, rest)
		}
	}
	return errors.Join(testgraph.Write(filepath.Join(out, name), changes...), ListSources(list, sources))
}

// act executes a command that does not change the graph.
func act(word, rest string) {
	switch word {
	case "print":
		fmt.Println(rest)
	case "fail":
		number, text, _ := strings.Cut(rest, " ")
		fmt.Fprintln(os.Stderr, "epochtime:", text)
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

// ListSources writes the list of source files with their hashes.
func ListSources(list string, paths []string) error {
	sources := []map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		whole, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(text)
		sources = append(sources, map[string]string{"path": whole, "sha256": hex.EncodeToString(sum[:])})
	}
	text, err := json.Marshal(sources)
	return errors.Join(err, os.WriteFile(list, text, 0o644))
}
