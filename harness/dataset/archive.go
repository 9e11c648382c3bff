package dataset

import (
	"archive/zip"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// archive is an open .npz file.
type archive struct {
	*zip.Reader
	f    *os.File
	file *file
}

// archive adds the columns of an .npz file.
func (r *reader) archive(path string, arrays map[string]string) error {
	f, file, err := r.file(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := zip.NewReader(f, file.info.Size())
	if errors.Is(err, zip.ErrFormat) {
		return fmt.Errorf("%w: %s is not an .npz file, or is cut short", ErrUnreadable, path)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		a, err := r.column(&archive{z, f, file}, arrays[name])
		if err != nil {
			return err
		}
		if err := r.set.addArray(name, a); err != nil {
			return err
		}
	}
	return nil
}

// column reads the array called name and, beside it, name.lengths if there is one.
func (r *reader) column(z *archive, name string) (*Column, error) {
	a, err := r.member(z, name)
	if err != nil {
		return nil, err
	}
	if a == nil {
		return nil, fmt.Errorf("%w: %s has no array %q; it holds %s", ErrUnfit, z.file.path, name, z.names())
	}
	lengths, err := r.member(z, name+".lengths")
	if err != nil || lengths == nil {
		return a, err
	}
	if lost := r.set.Guard(func() { err = a.split(lengths) }); lost != nil {
		return nil, lost
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %s.lengths %w", ErrUnreadable, z.file.path, name, err)
	}
	return a, nil
}

// names lists the arrays there are.
func (z *archive) names() string {
	var out []string
	for _, m := range z.File {
		out = append(out, strings.TrimSuffix(m.Name, ".npy"))
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}

// member reads one array; nil if there is none of that name. NumPy ends the
// names in the archive in .npy, others do not.
func (r *reader) member(z *archive, name string) (*Column, error) {
	for _, key := range []string{name + ".npy", name} {
		i := slices.IndexFunc(z.File, func(m *zip.File) bool { return m.Name == key })
		if i < 0 {
			continue
		}
		m := z.File[i]
		s := &npyStream{where: z.file.path + " (" + name + ")", file: z.file, sum: true}
		body, err := m.Open()
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrUnreadable, s.where, err)
		}
		defer body.Close()
		s.Reader = body
		if m.Method == zip.Store {
			if s.offset, err = m.DataOffset(); err != nil {
				return nil, fmt.Errorf("%w: %s: %w", ErrUnreadable, s.where, err)
			}
			s.in = z.f
		}
		return r.array(s)
	}
	return nil, nil
}
