package transfer

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"epochtime/harness/protocol"
)

// Store keeps what was received, by content: its folder has one folder for each content,
// of which the name is the SHA-256.
type Store struct {
	Folder string
	Known  *Sums // of files that lie where their parcel says; may be nil

	tidied sync.Once
}

// OfUser returns the store of the user that runs this program, in the folder of caches, or
// in that of temporary files where there is none.
func OfUser() *Store {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	cache = filepath.Join(cache, "epochtime")
	return &Store{Folder: filepath.Join(cache, "received"), Known: &Sums{Folder: filepath.Join(cache, "sums")}}
}

// keepFor is how long what nobody asks for stays in a store.
const keepFor = 30 * 24 * time.Hour

// Find returns where the content of a parcel is on this machine: at its own path, or in
// the store. ok is false where it is at neither. A file that a graph names by its path has
// to be at that path: where another one is, the error is ErrTaken.
func (s *Store) Find(ctx context.Context, p protocol.Parcel) (where string, ok bool, err error) {
	if s == nil || p.Path == "" {
		return "", false, nil
	}
	here, err := Describe(ctx, p.Path, s.Known)
	switch {
	case err == nil && here.SHA256 == p.SHA256:
		return p.Path, true, nil
	case ctx != nil && ctx.Err() != nil:
		return "", false, context.Cause(ctx)
	}
	if p.Fixed {
		if _, err := os.Lstat(p.Path); !errors.Is(err, fs.ErrNotExist) {
			return "", false, fmt.Errorf("%w: %s, which the graph reads by this name, is not the file that it was exported with", ErrTaken, p.Path)
		}
		return "", false, nil
	}
	where = s.place(p)
	info, err := os.Stat(where)
	if err != nil || info.Mode().IsRegular() && info.Size() != p.Bytes { // the machine may have failed as it came
		return "", false, nil
	}
	now := time.Now()
	_ = os.Chtimes(filepath.Dir(where), now, now) // that it was asked for
	return where, true, nil
}

// place returns where the store has the content of a parcel. It keeps the name, by which
// formats are known.
func (s *Store) place(p protocol.Parcel) string {
	return filepath.Join(s.Folder, p.SHA256, filepath.Base(p.Path))
}

// Receive reads what Send wrote, keeps it, and returns where it is. The errors are
// ErrDamaged for what is not the content that the parcel names, ErrAborted, those of the
// connection, and those of the file system, of which nothing is left behind.
func (s *Store) Receive(r io.Reader, p protocol.Parcel) (where string, err error) {
	if sum, err := hex.DecodeString(p.SHA256); s == nil || r == nil || err != nil || len(sum) != sha256.Size || !filepath.IsAbs(p.Path) {
		return "", fmt.Errorf("%w: %.100q has no hash and no whole path", ErrDamaged, p.Path)
	}
	where = s.place(p)
	parent := s.Folder
	if p.Fixed {
		where, parent = p.Path, filepath.Dir(p.Path)
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", fmt.Errorf("keeping %s: %w", p.Path, err)
	}
	if !p.Fixed {
		s.tidied.Do(func() { prune(s.Folder) })
	}
	temporary, err := os.MkdirTemp(parent, ".receiving-")
	if err != nil {
		return "", fmt.Errorf("keeping %s: %w", p.Path, err)
	}
	defer os.RemoveAll(temporary) // what is whole is no longer in it
	in := &dechunked{r: r}
	sum, err := unpack(in, temporary, filepath.Base(p.Path))
	if err == nil {
		_, err = io.Copy(io.Discard, in) // to the end of the chunks
	}
	switch {
	case in.err != nil && !errors.Is(in.err, io.EOF): // says more than what it made of the archive
		err = in.err
	case err == nil && sum != p.SHA256:
		err = ErrDamaged
	}
	if err != nil {
		return "", fmt.Errorf("receiving %s: %w", p.Path, err)
	}
	return where, s.settle(temporary, where, p)
}

// settle moves what was received to its place. Another worker may have been faster.
func (s *Store) settle(temporary, where string, p protocol.Parcel) error {
	from := filepath.Join(temporary, filepath.Base(p.Path))
	if p.Fixed {
		err := os.Link(from, where) // which replaces nothing
		if errors.Is(err, fs.ErrExist) {
			_, _, err = s.Find(context.Background(), p)
		}
		return err
	}
	if err := os.MkdirAll(filepath.Dir(where), 0o755); err != nil {
		return fmt.Errorf("keeping %s: %w", p.Path, err)
	}
	if info, err := os.Stat(where); err == nil && info.Mode().IsRegular() {
		if info.Size() == p.Bytes { // a launch may read it, and would notice another one
			return nil
		}
	}
	if err := os.Rename(from, where); err != nil {
		if _, there := os.Stat(where); there != nil {
			return fmt.Errorf("keeping %s: %w", p.Path, err)
		}
	}
	return nil
}

// unpack writes the files of an archive into a folder, and returns the hash of the tree
// named base that they are. It writes nothing outside of the folder.
func unpack(r io.Reader, folder, base string) (string, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return "", err
	}
	defer root.Close()
	archive := tar.NewReader(r)
	var files []file
	sums := map[string]string{}
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		name := strings.TrimSuffix(h.Name, "/")
		if name != base && !strings.HasPrefix(name, base+"/") {
			return "", fmt.Errorf("%w: it has %.100q, which is not of %.100q", ErrDamaged, h.Name, base)
		}
		f := file{name: ".", folder: h.Typeflag == tar.TypeDir}
		if name != base {
			f.name = strings.TrimPrefix(name, base+"/")
		}
		if sums[f.name], err = write(root, name, h, archive); err != nil {
			return "", err
		}
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	if len(files) == 0 || files[0].name != "." {
		return "", fmt.Errorf("%w: it has no %.100q", ErrDamaged, base)
	}
	return fold(files, sums), nil
}

// write writes one entry of an archive, and returns the hash of a file.
func write(root *os.Root, name string, h *tar.Header, in io.Reader) (string, error) {
	name = path.Clean(name)
	switch h.Typeflag {
	case tar.TypeDir:
		return "", root.Mkdir(name, 0o755)
	case tar.TypeReg:
	default:
		return "", fmt.Errorf("%w: %.100q is neither file nor folder", ErrDamaged, h.Name)
	}
	out, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, sum), in)
	if err = errors.Join(err, out.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), root.Chtimes(name, h.ModTime, h.ModTime)
}
