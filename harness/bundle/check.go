package bundle

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
)

// most is the size of the largest manifest that is read, in bytes.
const most = 16 << 20

// Check reads an archive to its end and compares every file in it with the manifest.
// The error is ErrDamaged for one that is cut off, altered or no bundle, with the first
// file that is wrong.
func Check(r io.Reader) (*Manifest, error) {
	unpacked, err := gzip.NewReader(r)
	if err != nil {
		return nil, damaged(err)
	}
	archive := tar.NewReader(unpacked)
	m, err := readManifest(archive)
	if err != nil {
		return nil, err
	}
	left := map[string]string{}
	for name, sum := range m.Files {
		left[name] = sum
	}
	for {
		name, sum, err := next(archive, archive)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch want, known := left[name]; {
		case !known:
			return nil, fmt.Errorf("%w: %.100q is not in its manifest, or in it twice", ErrDamaged, name)
		case want != sum:
			return nil, fmt.Errorf("%w: %s was altered", ErrDamaged, name)
		}
		delete(left, name)
	}
	if _, err := io.Copy(io.Discard, unpacked); err != nil { // gzip has a checksum at its end
		return nil, damaged(err)
	}
	for _, name := range m.paths() {
		if _, missing := left[name]; missing {
			return nil, fmt.Errorf("%w: %s is missing", ErrDamaged, name)
		}
	}
	return m, nil
}

// readManifest reads the first two files.
func readManifest(archive *tar.Reader) (*Manifest, error) {
	var text strings.Builder
	name, sum, err := next(archive, io.TeeReader(io.LimitReader(archive, most), &text))
	if errors.Is(err, io.EOF) || err == nil && name != manifestName {
		return nil, fmt.Errorf("%w: it does not begin with a manifest: is it a bundle?", ErrDamaged)
	}
	if err != nil {
		return nil, err
	}
	m, err := decode([]byte(text.String()))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, manifestName, err)
	}
	var line strings.Builder
	name, _, err = next(archive, io.TeeReader(io.LimitReader(archive, most), &line))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if name != sumName || line.String() != sum+"  "+manifestName+"\n" {
		return nil, fmt.Errorf("%w: %s was altered", ErrDamaged, manifestName)
	}
	return m, nil
}

// next returns the name of the next file of an archive, within its folder, and the
// SHA-256 of what body reads of it. The error is io.EOF after the last.
func next(archive *tar.Reader, body io.Reader) (name, sum string, err error) {
	header, err := archive.Next()
	if errors.Is(err, io.EOF) {
		return "", "", io.EOF
	}
	if err != nil {
		return "", "", damaged(err)
	}
	name, within := strings.CutPrefix(header.Name, Folder+"/")
	if header.Typeflag != tar.TypeReg || !within {
		return "", "", fmt.Errorf("%w: %.100q is no file of a bundle", ErrDamaged, header.Name)
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, body); err != nil {
		return "", "", damaged(err)
	}
	return name, fmt.Sprintf("%x", hash.Sum(nil)), nil
}

// damaged says of an error of reading what has happened to the archive.
func damaged(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("%w: it was cut off: get it again", ErrDamaged)
	case errors.Is(err, gzip.ErrHeader):
		return fmt.Errorf("%w: it is no archive of gzip", ErrDamaged)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, tar.ErrHeader):
		return fmt.Errorf("%w: it was altered: get it again", ErrDamaged)
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}
