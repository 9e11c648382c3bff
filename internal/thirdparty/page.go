package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// render writes the page.
func render(modules, packages []component) string {
	var b strings.Builder
	b.WriteString(`# Third-party software

` + "`make third-party`" + ` writes this page, and ` + "`make check`" + ` compares it with ` + "`go.mod`" + ` and the lock files.
Licences have their SPDX names where the authors use them.

## Linked into the programs

These Go modules are linked into ` + "`epochtime`, `epochtime-worker`" + ` or both, on some system. Each has
its licence in its source. The Go standard library (BSD-3-Clause) is linked too, and with
` + "`modernc.org/sqlite`" + ` SQLite itself, which is in the public domain. The programs are based
in part on the work of the FreeType Team, and hold the Liberation fonts (OFL-1.1).

`)
	table(&b, "module", modules)
	b.WriteString(`
## Installed for the exporter and the worker

` + "`make setup`" + ` installs these Python packages, with hashes, from ` + "`pygen/requirements`" + `; they are not
part of this project's files. ` + "`epochtime-worker`" + ` is linked with the libraries in TensorFlow's
package, whose ` + "`THIRD_PARTY_NOTICES.txt`" + ` lists what these contain. NVIDIA's libraries come only with
` + "`TF=gpu`" + `.

`)
	table(&b, "package", packages)
	return b.String()
}

func table(b *strings.Builder, title string, all []component) {
	fmt.Fprintf(b, "| %s | version | licence |\n|---|---|---|\n", title)
	for _, c := range all {
		fmt.Fprintf(b, "%s %s |\n", c.row(), c.licence)
	}
}

// row is the start of a component's line: all but its licence.
func (c component) row() string { return fmt.Sprintf("| `%s` | %s |", c.name, c.version) }

// differences returns an error for each component that a page has and that does not
// ship, or the other way around, or without a licence.
func differences(page string, shipped []component) error {
	var listed []string
	var problems []error
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		parts := strings.Split(line, "|")
		if len(parts) != 5 || strings.TrimSpace(parts[3]) == "" {
			problems = append(problems, fmt.Errorf("no licence in %q", strings.TrimSpace(line)))
			continue
		}
		listed = append(listed, strings.Join(parts[:3], "|")+"|")
	}
	for _, c := range shipped {
		at := slices.Index(listed, c.row())
		if at < 0 {
			problems = append(problems, fmt.Errorf("it lacks %s %s", c.name, c.version))
			continue
		}
		listed = slices.Delete(listed, at, at+1)
	}
	for _, row := range listed {
		problems = append(problems, fmt.Errorf("nothing has the row %s", row))
	}
	return errors.Join(problems...)
}
