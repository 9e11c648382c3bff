package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// component is a module or a package that ships.
type component struct {
	name    string
	version string
	licence string // SPDX, as far as its authors say so
	dir     string // of a module's source
}

// systems are those that the programs are built for; each links other modules.
var systems = []string{"linux", "darwin", "windows"}

// linked returns the modules that any system links into the programs, by name.
func linked(programs []string) ([]component, error) {
	found := map[string]component{}
	for _, system := range systems {
		cmd := exec.Command("go", append([]string{"list", "-deps", "-f", "{{with .Module}}{{if .Version}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}"}, programs...)...)
		cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=1") // nothing is compiled
		out, err := cmd.Output()
		if exit := new(exec.ExitError); errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		if err != nil {
			return nil, fmt.Errorf("listing the modules for %s: %w", system, err)
		}
		for line := range strings.Lines(string(out)) {
			if parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(parts) == 3 {
				found[parts[0]] = component{name: parts[0], version: parts[1], dir: parts[2]}
			}
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%v link no modules: this is not the module's root", programs)
	}
	return sorted(found), nil
}

func sorted(found map[string]component) []component {
	return slices.SortedFunc(maps.Values(found), func(a, b component) int { return strings.Compare(a.name, b.name) })
}

// chosen are the licences of modules that leave the choice to their users.
var chosen = map[string]string{
	"github.com/golang/freetype": "FTL", // or GPL-2.0-or-later
}

// addLicences finds the licences of modules in their own files.
func addLicences(modules []component) error {
	var problems []error
	for i := range modules {
		m := &modules[i]
		if m.licence = chosen[m.name]; m.licence != "" {
			continue
		}
		names, err := licencesIn(m.dir)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", m.name, err))
		}
		m.licence = strings.Join(names, ", ")
	}
	return errors.Join(problems...)
}

// enough is the percentage of a licence file that has to be text of known licences.
const enough = 75

// licencesIn returns the licences that the files of a module's root name.
func licencesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		if e.IsDir() || !strings.Contains(name, "LICENSE") && !strings.Contains(name, "LICENCE") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		found := licensecheck.Scan(text)
		if found.Percent < enough {
			fmt.Fprintf(os.Stderr, "%s: %.0f %% of it is known\n", filepath.Join(dir, e.Name()), found.Percent)
		}
		for _, m := range found.Match {
			if !m.IsURL && !slices.Contains(out, m.ID) {
				out = append(out, m.ID)
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no licence is known in %s", dir)
	}
	return out, nil
}
