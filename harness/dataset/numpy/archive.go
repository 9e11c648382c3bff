package numpy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"epochtime/harness/dataset"
)

// Archive is an open .npz file.
type Archive struct {
	zip  *zip.Reader
	file *os.File
	path string
}

// IsArchive reports whether a file that begins so is an .npz archive: its first
// member is an array.
func IsArchive(head []byte) bool {
	const nameSize, name = 26, 30 // where they are in the header of a member
	if !bytes.HasPrefix(head, []byte("PK\x03\x04")) || len(head) < name {
		return false
	}
	end := name + int(binary.LittleEndian.Uint16(head[nameSize:]))
	return end <= len(head) && bytes.HasSuffix(head[name:end], []byte(".npy"))
}

// OpenArchive opens an .npz file, which the caller closes.
func OpenArchive(b *dataset.Builder, path string) (*Archive, error) {
	f, info, err := b.Open(path)
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(f, info.Size())
	switch {
	case errors.Is(err, zip.ErrFormat):
		err = notArchive(b, path)
	case err != nil:
		err = fmt.Errorf("%w: %s: %w", dataset.ErrUnreadable, path, err)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Archive{z, f, path}, nil
}

// notArchive is the error of a file that is no .npz archive as it is.
func notArchive(b *dataset.Builder, path string) error {
	body, head, closer, err := b.OpenBody(path)
	if err == nil {
		defer closer.Close() // it was only read
		if body.File == nil && IsArchive(head) {
			return fmt.Errorf("%w: %s is an .npz file that is compressed as a whole: unpack it", dataset.ErrUnreadable, path)
		}
	}
	return fmt.Errorf("%w: %s is not an .npz file, or is cut short", dataset.ErrUnreadable, path)
}

// Close closes the file.
func (a *Archive) Close() error {
	if a == nil || a.file == nil {
		return nil
	}
	return a.file.Close()
}

// Names lists the arrays, sorted.
func (a *Archive) Names() []string {
	if a == nil || a.zip == nil {
		return nil
	}
	var out []string
	for _, m := range a.zip.File {
		out = append(out, strings.TrimSuffix(m.Name, ".npy"))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Body opens the .npy stream of an array, which the caller closes. Both are nil if
// there is none of that name. NumPy ends the names in an archive in .npy, others do
// not.
func (a *Archive) Body(name string) (*dataset.Body, io.Closer, error) {
	if a == nil || a.zip == nil {
		return nil, nil, nil
	}
	i := slices.IndexFunc(a.zip.File, func(m *zip.File) bool { return m.Name == name+".npy" })
	if i < 0 {
		i = slices.IndexFunc(a.zip.File, func(m *zip.File) bool { return m.Name == name })
	}
	if i < 0 {
		return nil, nil, nil
	}
	m := a.zip.File[i]
	body := &dataset.Body{Path: a.path, Verify: true}
	r, err := m.Open()
	if err == nil && m.Method == zip.Store {
		body.File = a.file
		body.Offset, err = m.DataOffset()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s (%s): %w", dataset.ErrUnreadable, a.path, name, err)
	}
	body.Reader = r
	return body, r, nil
}
