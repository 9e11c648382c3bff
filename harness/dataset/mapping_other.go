//go:build !unix

package dataset

import (
	"errors"
	"os"
)

// mappable: files cannot be mapped on this system, so they are read into memory.
const mappable = false

func mapFile(*os.File, int64, int) ([]byte, error) { return nil, errors.ErrUnsupported }

func unmap([]byte) error { return nil }

func drop([]byte) {}

func readAlone([]byte) {}

func prefetch([]byte) {}
