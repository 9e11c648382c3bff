// Package transfer brings the files that a job reads to a worker on another machine:
// each content once. A parent describes files by their content, the worker says which
// of them it has neither at their place nor in its Store, and the parent sends those.
package transfer

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/protocol"
)

// Errors of a transfer.
var (
	ErrChanged = errors.New("the file changed while it was sent")
	ErrDamaged = errors.New("what arrived is not what was sent")
	ErrAborted = errors.New("the sender stopped before the end")
	ErrTaken   = errors.New("another file is in its place")
)

// Describe returns what is at a path, which may be a folder: the name under which a job
// has it, its size in bytes and the SHA-256 of its content. That of a folder is of the
// names and the hashes of all that is in it. known, which may be nil, has hashes of
// files that are as they were. The error is ctx's, that of the file system, or
// fs.ErrInvalid for what is no file.
func Describe(ctx context.Context, path string, known *Sums) (protocol.Parcel, error) {
	p := protocol.Parcel{Path: path}
	files, err := list(path)
	if err != nil {
		return p, err
	}
	sums, err := known.of(cmp.Or(ctx, context.Background()), path, files)
	if err != nil {
		return p, err
	}
	for _, f := range files {
		p.Bytes += f.size
	}
	p.SHA256 = fold(files, sums)
	return p, nil
}

// file is one file or folder of a tree.
type file struct {
	name     string // within the tree, with slashes; "." is its root
	path     string
	folder   bool
	size     int64 // bytes
	modified int64 // nanoseconds since 1970
}

// list returns what is in a tree, in order. Links to files are followed: what a link
// points to is its content. A link to a folder is fs.ErrInvalid, because it may lead back.
func list(path string) ([]file, error) {
	if path == "" {
		return nil, fs.ErrNotExist
	}
	root, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	var out []file
	err = filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, at)
		if err != nil {
			return err
		}
		info, err := os.Stat(at)
		switch {
		case err != nil:
			return err
		case info.IsDir() != d.IsDir():
			return &fs.PathError{Op: "send", Path: at, Err: fmt.Errorf("a link to a folder: %w", fs.ErrInvalid)}
		case !info.IsDir() && !info.Mode().IsRegular():
			return &fs.PathError{Op: "send", Path: at, Err: fmt.Errorf("it is no regular file: %w", fs.ErrInvalid)}
		}
		f := file{name: filepath.ToSlash(name), path: at, folder: info.IsDir(), modified: info.ModTime().UnixNano()}
		if !f.folder {
			f.size = info.Size()
		}
		out = append(out, f)
		return nil
	})
	slices.SortFunc(out, func(a, b file) int { return strings.Compare(a.name, b.name) })
	return out, err
}

// fold returns the hash of a tree from those of its files, by name. A tree of one file has
// the hash of that file.
func fold(files []file, sums map[string]string) string {
	if len(files) == 1 && !files[0].folder {
		return sums[files[0].name]
	}
	h := sha256.New()
	for _, f := range files {
		what := sums[f.name]
		if f.folder {
			what = "folder"
		}
		fmt.Fprintf(h, "%s %q\n", what, f.name)
	}
	return hex.EncodeToString(h.Sum(nil))
}
