package bundle

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/internal/filehash"
)

// Contents are what a bundle is made of.
type Contents struct {
	Tool, Worker string            // programs; the worker names no folder of libraries
	Home         string            // folder that holds setup/ and pygen/requirements/, as a checkout does
	Suite        string            // of the graphs; empty: they are of none
	Graphs       []*graph.Manifest // to be measured, verified
	Variants     []*graph.Manifest // likewise verified, among which a search of settings may choose
}

// scripts are the files of Contents.Home in a bundle, by their place in it.
var scripts = map[string]string{
	"README.md": "setup/bundle/README.md", "verify": "setup/bundle/verify", "install": "setup/bundle/install", "measure": "setup/bundle/measure",
	"setup/check-prerequisites": "", "setup/pip-install": "", "setup/procurement": "",
	"pygen/requirements/cpu.in": "", "pygen/requirements/cpu.txt": "", "pygen/requirements/gpu.in": "", "pygen/requirements/gpu.txt": "",
}

// Packer is a bundle that is ready to be written.
type Packer struct {
	Manifest Manifest
	files    map[string]string // on this machine, by path in the bundle
}

// Prepare looks at all that a bundle is to hold, and hashes it. The errors are
// ErrPrograms, ErrOutside, ErrName, and those of reading.
func Prepare(c Contents) (*Packer, error) {
	programs, err := describe(c.Tool, c.Worker)
	if err != nil {
		return nil, err
	}
	return prepare(c, programs)
}

// prepare is Prepare with what the programs need.
func prepare(c Contents, programs programs) (*Packer, error) {
	p := &Packer{Manifest{
		Format: format, Epochtime: record.Program, TensorFlow: programs.tensorflow, Machine: programs.machine, Glibc: programs.glibc,
		Suite: c.Suite, Files: map[string]string{},
	}, map[string]string{"bin/epochtime": c.Tool, "bin/epochtime-worker": c.Worker}}
	for name, from := range scripts {
		if from == "" {
			from = name
		}
		p.files[name] = filepath.Join(c.Home, filepath.FromSlash(from))
	}
	err := p.checkLock(p.files["pygen/requirements/cpu.txt"])
	if err != nil {
		return nil, err
	}
	m := &p.Manifest
	if m.Graphs, err = p.add(c.Graphs); err != nil {
		return nil, err
	}
	if m.Variants, err = p.add(c.Variants); err != nil {
		return nil, err
	}
	for name, file := range p.files {
		if p.Manifest.Files[name], err = filehash.Sum(file); err != nil {
			return nil, err
		}
	}
	if err := p.Manifest.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrName, err)
	}
	return p, nil
}

// locked is TensorFlow in a file of requirements.
var locked = regexp.MustCompile(`(?m)^tensorflow(?:-cpu)?==([0-9A-Za-z.]+)`)

// checkLock refuses a worker for another TensorFlow than the requirements install.
func (p *Packer) checkLock(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	found := locked.FindAllSubmatch(text, -1)
	if len(found) == 0 {
		return fmt.Errorf("%w: %s names no version of TensorFlow", ErrPrograms, file)
	}
	for _, found := range found {
		if version := string(found[1]); version != p.Manifest.TensorFlow {
			return fmt.Errorf("%w: the worker is linked with TensorFlow %s, and %s installs %s: build it for that one", ErrPrograms, p.Manifest.TensorFlow, file, version)
		}
	}
	return nil
}

// add adds the folders of graphs, and returns their names.
func (p *Packer) add(graphs []*graph.Manifest) ([]string, error) {
	names := []string{}
	for _, g := range graphs {
		name := filepath.Base(g.Dir)
		if err := p.addFolder(name, g); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// addFolder adds the folder of a graph. What it reads from elsewhere would be missing.
func (p *Packer) addFolder(name string, g *graph.Manifest) error {
	if outside := outside(g); outside != "" {
		return fmt.Errorf("%s %w: %s: export it with the data that it makes itself", g.Dir, ErrOutside, outside)
	}
	if _, twice := p.files[graphsName+"/"+name+"/"+graph.ManifestName]; twice {
		return fmt.Errorf("%w: two graphs have the name %s", fs.ErrExist, name)
	}
	root, err := filepath.EvalSymlinks(g.Dir)
	if err != nil {
		return err
	}
	return filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		within, err := filepath.Rel(root, file)
		if err == nil {
			p.files[graphsName+"/"+name+"/"+filepath.ToSlash(within)] = file
		}
		return err
	})
}

// outside returns a file that a graph reads and that is not in its folder, "" where
// there is none.
func outside(g *graph.Manifest) string {
	if g.Data.Path != "" && !filepath.IsLocal(filepath.FromSlash(g.Data.Path)) {
		return g.Data.Path
	}
	if files := g.Files(); len(files) > 0 {
		return files[0].Path
	}
	return ""
}

// when is the time of every file, so that equal contents make equal archives.
var when = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Write writes the archive, a tar compressed by gzip, whose first files are the
// manifest and its sum. It is the same, byte by byte, for the same contents. A file that
// has changed since Prepare is an error.
func (p *Packer) Write(w io.Writer) error {
	manifest, err := p.Manifest.encode()
	if err != nil {
		return err
	}
	compressed := gzip.NewWriter(w)
	archive := tar.NewWriter(compressed)
	sum := fmt.Sprintf("%x  %s\n", sha256.Sum256(manifest), manifestName)
	for _, file := range []struct {
		name string
		text string
	}{{manifestName, string(manifest)}, {sumName, sum}} {
		if err := entry(archive, file.name, int64(len(file.text)), strings.NewReader(file.text)); err != nil {
			return err
		}
	}
	for _, name := range p.Manifest.paths() {
		if err := p.write(archive, name); err != nil {
			return fmt.Errorf("packing %s: %w", p.files[name], err)
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return compressed.Close()
}

func (p *Packer) write(archive *tar.Writer, name string) error {
	f, err := os.Open(p.files[name])
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	hash := sha256.New()
	if err := entry(archive, name, info.Size(), io.TeeReader(f, hash)); err != nil {
		return err
	}
	if hex.EncodeToString(hash.Sum(nil)) != p.Manifest.Files[name] {
		return fmt.Errorf("it changed while it was packed: pack again")
	}
	return nil
}

func entry(archive *tar.Writer, name string, size int64, from io.Reader) error {
	mode := int64(0o644)
	if runs(name) {
		mode = 0o755
	}
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: Folder + "/" + name, Size: size, Mode: mode, ModTime: when, Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err := io.CopyN(archive, from, size)
	return err
}
