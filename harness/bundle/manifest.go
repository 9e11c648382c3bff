// Package bundle packs what measures graphs on a machine without this repository: both
// programs, graphs, the locked requirements of TensorFlow, and scripts that check,
// install and measure. It also checks such an archive.
package bundle

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Folder is what an archive unpacks to.
const Folder = "epochtime-bundle"

// Names of files in a bundle.
const (
	manifestName = "manifest.json"
	sumName      = "manifest.sha256" // of the manifest, as sha256sum reads it
	graphsName   = "graphs"
)

// format is that of the manifest.
const format = 1

// Errors of packing and checking.
var (
	ErrPrograms = errors.New("these programs cannot be packed")
	ErrOutside  = errors.New("reads files outside its folder")
	ErrName     = errors.New("a bundle cannot hold this name")
	ErrDamaged  = errors.New("the bundle is damaged")
)

// Manifest says what a bundle holds. The scripts read it by line, so texts hold
// nothing that JSON escapes.
type Manifest struct {
	Format     int               `json:"format"`
	Epochtime  string            `json:"epochtime"`  // version of the program
	TensorFlow string            `json:"tensorflow"` // version that the worker takes
	Machine    string            `json:"machine"`    // as uname -m says: x86_64 or aarch64
	Glibc      string            `json:"glibc"`      // oldest version of the C library that runs the programs
	Suite      string            `json:"suite"`      // that the graphs are; may be empty
	Graphs     []string          `json:"graphs"`     // to be measured: folders in graphs/
	Variants   []string          `json:"variants"`   // other graphs, among which a search may choose
	Files      map[string]string `json:"files"`      // SHA-256 by path, of all but the manifest and its sum
}

// plain are texts that neither JSON nor a shell or sed escapes.
var plain = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.+-]*$`)

// encode returns the manifest's file.
func (m *Manifest) encode() ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), err
}

// check reports what the scripts could not read.
func (m *Manifest) check() error {
	texts := append([]string{m.Epochtime, m.TensorFlow, m.Machine, m.Glibc}, slices.Concat(m.Graphs, m.Variants)...)
	if m.Suite != "" {
		texts = append(texts, m.Suite)
	}
	for name := range maps.Keys(m.Files) {
		texts = append(texts, strings.Split(name, "/")...)
	}
	for _, text := range texts {
		if !plain.MatchString(text) {
			return fmt.Errorf("%.60q holds more than letters, digits and _ . + -: rename it", text)
		}
	}
	if m.Format != format {
		return fmt.Errorf("its format is %d, and this program knows %d", m.Format, format)
	}
	return nil
}

// decode reads the manifest's file.
func decode(text []byte) (*Manifest, error) {
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, err
	}
	return m, m.check()
}

// paths are those of the files, in the order of the archive: programs and graphs last, so
// that one that is cut off still unpacks to the scripts that say so.
func (m *Manifest) paths() []string {
	return slices.SortedFunc(maps.Keys(m.Files), func(a, b string) int {
		return cmp.Or(cmp.Compare(large(a), large(b)), strings.Compare(a, b))
	})
}

// large is 1 for what may be large, and 0 for scripts and texts.
func large(name string) int {
	if strings.HasPrefix(name, "bin/") || strings.HasPrefix(name, graphsName+"/") {
		return 1
	}
	return 0
}

// runs reports whether a file is a program or a script.
func runs(name string) bool {
	return strings.HasPrefix(name, "bin/") || slices.Contains([]string{"verify", "install", "measure"}, name) ||
		strings.HasPrefix(name, "setup/") && path.Ext(name) == ""
}
