package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrData: a data file that the graph was exported for is missing, which is an
// fs.ErrNotExist too, or has changed.
var ErrData = errors.New("the graph's data file")

// VerifyData checks that the graph's default data file is the one it was
// exported for, by its content, and that the files which its own pipelines read
// are, by their size and time. A graph with synthetic data has none to check.
func (m *Manifest) VerifyData() error {
	if m == nil {
		return errNil
	}
	if err := m.VerifyFiles(); err != nil || m.Data.Kind != "file" {
		return err
	}
	path := m.DataPath()
	remedy := fmt.Sprintf("train on another file, or export %s again", m.Name)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w %s, which %s trains on, is missing: %s%w", ErrData, path, m.Name, remedy, missing(""))
	}
	if err != nil {
		return fmt.Errorf("%w: %w: %s", ErrData, err, remedy)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return fmt.Errorf("%w: %w: %s", ErrData, err, remedy)
	}
	if hex.EncodeToString(sum.Sum(nil)) != m.Data.SHA256 {
		return fmt.Errorf("%w %s is not the one that %s was exported for: %s", ErrData, path, m.Name, remedy)
	}
	return nil
}
