package main

import (
	"errors"
	"fmt"
	"io"

	"epochtime/internal/output"
)

// openOutput returns the target that a flag names, as output.Open does.
func openOutput(flag, path string, stdout io.Writer) (output.Target, error) {
	to, err := output.Open(path, stdout)
	switch {
	case errors.Is(err, output.ErrFolder):
		return to, usagef("%s %w", flag, err)
	case err != nil:
		return to, fmt.Errorf("%s %w", flag, err)
	}
	return to, nil
}
