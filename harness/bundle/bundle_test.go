package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// written writes a file, with its folders.
func written(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// contents are those of a small bundle, with programs that are none.
func contents(t *testing.T) (Contents, programs) {
	t.Helper()
	dir := t.TempDir()
	for name, from := range scripts {
		if from == "" {
			from = name
		}
		text := "the text of " + name + "\n"
		if strings.HasSuffix(name, ".txt") {
			text = "tensorflow-cpu==2.21.0 ; platform_machine == 'x86_64' \\\n"
		}
		written(t, filepath.Join(dir, from), text)
	}
	c := Contents{
		Tool: written(t, filepath.Join(dir, "bin", "epochtime"), "tool"), Worker: written(t, filepath.Join(dir, "bin", "epochtime-worker"), "worker"),
		Home: dir, Suite: "article", Graphs: []*graph.Manifest{opened(t, dir, "cnn")}, Variants: []*graph.Manifest{opened(t, dir, "cnn-jit")},
	}
	return c, programs{machine: "x86_64", glibc: "2.34", tensorflow: "2.21.0"}
}

func opened(t *testing.T, dir, name string) *graph.Manifest {
	t.Helper()
	folder := filepath.Join(dir, "graphs", name)
	if err := testgraph.Write(folder); err != nil {
		t.Fatal(err)
	}
	g, err := graph.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// packed is the archive of contents.
func packed(t *testing.T, c Contents, p programs) []byte {
	t.Helper()
	packer, err := prepare(c, p)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := packer.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestBundle(t *testing.T) {
	c, p := contents(t)
	archive := packed(t, c, p)
	m, err := Check(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	if m.Machine != "x86_64" || m.Glibc != "2.34" || m.TensorFlow != "2.21.0" || m.Suite != "article" || !slices.Equal(m.Graphs, []string{"cnn"}) || !slices.Equal(m.Variants, []string{"cnn-jit"}) {
		t.Errorf("%+v", m)
	}
	for _, name := range []string{"bin/epochtime", "bin/epochtime-worker", "graphs/cnn/graph.json", "graphs/cnn-jit/saved_model.pb", "install", "pygen/requirements/gpu.txt"} {
		if m.Files[name] == "" {
			t.Errorf("%s is not in the bundle", name)
		}
	}
	if again := packed(t, c, p); !bytes.Equal(archive, again) {
		t.Error("the same contents make two archives")
	}
}

// A graph folder that is a link is packed as what it points to.
func TestLinkedGraph(t *testing.T) {
	c, p := contents(t)
	link := filepath.Join(t.TempDir(), "linked")
	if err := os.Symlink(c.Graphs[0].Dir, link); err != nil {
		t.Fatal(err)
	}
	g, err := graph.Open(link)
	if err != nil {
		t.Fatal(err)
	}
	c.Graphs = []*graph.Manifest{g}
	if m, err := Check(bytes.NewReader(packed(t, c, p))); err != nil || m.Files["graphs/linked/graph.json"] == "" {
		t.Errorf("%+v, %v", m, err)
	}
}

// An archive that is cut off in a program has all that says so.
func TestOrder(t *testing.T) {
	c, p := contents(t)
	packer, err := prepare(c, p)
	if err != nil {
		t.Fatal(err)
	}
	order := packer.Manifest.paths()
	first := slices.Index(order, "bin/epochtime")
	if first != len(scripts) || !slices.IsSorted(order[:first]) || !slices.IsSorted(order[first:]) {
		t.Errorf("the order is %q", order)
	}
}

func TestModes(t *testing.T) {
	c, p := contents(t)
	for name, header := range headers(t, packed(t, c, p)) {
		want := int64(0o644)
		if slices.Contains([]string{"bin/epochtime", "bin/epochtime-worker", "verify", "install", "measure", "setup/check-prerequisites", "setup/pip-install", "setup/procurement"}, strings.TrimPrefix(name, Folder+"/")) {
			want = 0o755
		}
		if header.Mode != want || !header.ModTime.Equal(when) || header.Uid != 0 || header.Uname != "" {
			t.Errorf("%s: %o, %v, owner %d %q", name, header.Mode, header.ModTime, header.Uid, header.Uname)
		}
	}
}

func headers(t *testing.T, archive []byte) map[string]*tar.Header {
	t.Helper()
	unpacked, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*tar.Header{}
	for r := tar.NewReader(unpacked); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out[h.Name] = h
	}
}

// hostileCopy is a link to a graph, whose name a shell or sed would take apart.
func hostileCopy(t *testing.T, dir string) string {
	t.Helper()
	link := filepath.Join(t.TempDir(), "x\"\n$(rm)")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	return link
}

func TestPrepareRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Contents, *programs)
		is    error
		want  string
	}{
		"data outside": {func(c *Contents, _ *programs) { c.Graphs[0].Data.Path = "/data/x.npz" }, ErrOutside, "/data/x.npz"},
		"data above":   {func(c *Contents, _ *programs) { c.Graphs[0].Data.Path = "../x.npz" }, ErrOutside, "../x.npz"},
		"pipeline's files": {func(c *Contents, _ *programs) {
			c.Graphs[0].Pipeline = &graph.Pipeline{Files: []graph.File{{Path: "/data/a.csv"}}}
		}, ErrOutside, "/data/a.csv"},
		"two of one name":   {func(c *Contents, _ *programs) { c.Variants = c.Graphs }, fs.ErrExist, "two graphs have the name cnn"},
		"another version":   {func(_ *Contents, p *programs) { p.tensorflow = "2.20.0" }, ErrPrograms, "linked with TensorFlow 2.20.0"},
		"no scripts":        {func(c *Contents, _ *programs) { c.Home = "/nowhere" }, fs.ErrNotExist, "/nowhere"},
		"a program missing": {func(c *Contents, _ *programs) { c.Worker += "s" }, fs.ErrNotExist, "epochtime-workers"},
		"a hostile name":    {func(c *Contents, _ *programs) { c.Graphs[0].Dir = hostileCopy(t, c.Graphs[0].Dir) }, ErrName, "holds more than letters"},
	} {
		made, p := contents(t)
		c.spoil(&made, &p)
		if _, err := prepare(made, p); !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %v, %s", name, err, c.is, c.want)
		}
	}
}

// What changes while it is packed is not packed.
func TestChanged(t *testing.T) {
	c, p := contents(t)
	packer, err := prepare(c, p)
	if err != nil {
		t.Fatal(err)
	}
	written(t, c.Worker, "another")
	if err := packer.Write(io.Discard); err == nil || !strings.Contains(err.Error(), "it changed while it was packed") {
		t.Error(err)
	}
}

// full is a writer to a disk that is full.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errNoSpace
	}
	return len(p), nil
}

var errNoSpace = errors.New("no space left on device")

func TestDiskFull(t *testing.T) {
	c, p := contents(t)
	packer, err := prepare(c, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, left := range []int{0, 100, 1000} {
		if err := packer.Write(&full{left}); !errors.Is(err, errNoSpace) {
			t.Errorf("%d bytes: %v", left, err)
		}
	}
}

// Each archive that is cut off, altered or no bundle is refused.
func TestCheckRefuses(t *testing.T) {
	c, p := contents(t)
	archive := packed(t, c, p)
	plain := unpack(t, archive)
	for length := 0; length < len(archive); length += 1 + len(archive)/200 {
		if m, err := Check(bytes.NewReader(archive[:length])); m != nil || !errors.Is(err, ErrDamaged) {
			t.Errorf("cut off after %d of %d bytes: %v", length, len(archive), err)
		}
	}
	for at := 10; at < len(archive); at += 1 + len(archive)/200 { // the header of gzip may hold anything
		altered := bytes.Clone(archive)
		altered[at] ^= 4
		m, err := Check(bytes.NewReader(altered))
		if err == nil && bytes.Equal(unpack(t, altered), plain) { // other words of the compression for the same
			continue
		}
		if m != nil || !errors.Is(err, ErrDamaged) {
			t.Errorf("altered at %d of %d bytes: %v", at, len(archive), err)
		}
	}
	replace := func(old, new string) []byte {
		if !bytes.Contains(plain, []byte(old)) {
			t.Fatalf("no %q", old)
		}
		return repack(t, bytes.Replace(plain, []byte(old), []byte(new), 1))
	}
	for name, c := range map[string]struct {
		archive []byte
		want    string
	}{
		"an altered program":  {replace("worker", "warker"), "was altered"},
		"an altered manifest": {replace(`"glibc": "2.34"`, `"glibc": "2.17"`), "manifest.json was altered"},
		"another format":      {replace(`"format": 1`, `"format": 2`), "its format is 2"},
		"empty":               {nil, "cut off"},
		"a text":              {[]byte("epochtime bundle, or what looks like one"), "no archive of gzip"},
		"another archive":     {other(t, "x/manifest.json", tar.TypeReg), "is no file of a bundle"},
		"one without list":    {other(t, Folder+"/bin/epochtime", tar.TypeReg), "does not begin with a manifest"},
		"a link":              {other(t, Folder+"/manifest.json", tar.TypeSymlink), "is no file of a bundle"},
		"a file too many":     {with(t, archive, Folder+"/more"), `"more" is not in its manifest`},
		"a path out":          {with(t, archive, Folder+"/../../etc/passwd"), "is not in its manifest"},
		"a file twice":        {with(t, archive, Folder+"/install"), `"install" is not in its manifest, or in it twice`},
		"a hostile name":      {with(t, archive, "\x1b[31m"), `"\x1b[31m" is no file of a bundle`},
	} {
		if m, err := Check(bytes.NewReader(c.archive)); m != nil || !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func unpack(t *testing.T, archive []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func repack(t *testing.T, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// other is an archive of one empty file.
func other(t *testing.T, name string, kind byte) []byte {
	t.Helper()
	var plain bytes.Buffer
	w := tar.NewWriter(&plain)
	if err := errors.Join(w.WriteHeader(&tar.Header{Name: name, Typeflag: kind, Linkname: "x"}), w.Close()); err != nil {
		t.Fatal(err)
	}
	return repack(t, plain.Bytes())
}

// with is an archive with one file more.
func with(t *testing.T, archive []byte, name string) []byte {
	t.Helper()
	plain := unpack(t, archive)
	plain = plain[:len(plain)-1024] // its end
	return repack(t, append(plain, unpack(t, other(t, name, tar.TypeReg))...))
}

func TestDescribeRefuses(t *testing.T) {
	dir := t.TempDir()
	text := written(t, filepath.Join(dir, "epochtime"), "no program")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ tool, want string }{
		"a text":          {text, "is no program of Go"},
		"another program": {self, "and not epochtime"},
		"nothing":         {filepath.Join(dir, "none"), "no such file"},
	} {
		if _, err := describe(c.tool, c.tool); !errors.Is(err, ErrPrograms) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, _, err := needs(text); !errors.Is(err, ErrPrograms) {
		t.Errorf("a text: %v", err)
	}
	if machine, glibc, err := needs(self); err != nil || machine == "" || newer(oldest, glibc) {
		t.Errorf("this program: %s, %s, %v", machine, glibc, err)
	}
}

func FuzzCheck(f *testing.F) {
	var plain bytes.Buffer
	w := tar.NewWriter(&plain)
	_ = w.WriteHeader(&tar.Header{Name: Folder + "/" + manifestName, Typeflag: tar.TypeReg, Size: 2})
	_, _ = w.Write([]byte("{}"))
	_ = w.Close()
	f.Add(plain.Bytes())
	f.Fuzz(func(t *testing.T, plain []byte) {
		var archive bytes.Buffer
		w := gzip.NewWriter(&archive)
		_, _ = w.Write(plain)
		_ = w.Close()
		if m, err := Check(&archive); err == nil && m.check() != nil || err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("%+v, %v", m, err)
		}
	})
}
