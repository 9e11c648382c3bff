//go:build !unix

package scripted

import (
	"errors"
	"os"
)

var errUnix = errors.New("only on Unix")

func lock(string) (*os.File, error) { return nil, errUnix }

func child(*worker, string) error { return errUnix }

func signal(*worker, string) error { return errUnix }
