package columnar

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"epochtime/harness/dataset"
)

// again is the way out of damage.
const again = "copy the file again, or write it anew"

// ErrDamaged: a file's bytes are not what its writer wrote, so that no column of it can
// be trusted. Such errors are dataset.ErrUnreadable too.
var ErrDamaged = errors.New("damaged")

// Damaged is the error, of kind ErrDamaged, of a file or of its column of that name
// that a library does not read: err, which may be nil, says why.
func Damaged(path, column string, err error) error {
	what, detail := path, ""
	if column != "" {
		what += ": column " + column
	}
	if err != nil && !errors.As(err, new(runtime.Error)) { // which would speak of Go
		detail = fmt.Sprintf(" (%s)", strings.TrimPrefix(strings.TrimPrefix(err.Error(), "parquet: "), "arrow/ipc: "))
	}
	return dataset.Errorf(dataset.ErrUnreadable, []error{ErrDamaged}, "%s is damaged%s: %s", what, detail, again)
}

// Not is the error of a file of which nothing tells that it is of the format, as in "a
// Parquet file": err, which may be nil, says why.
func Not(path, format string, err error) error {
	detail := ""
	if err != nil {
		detail = fmt.Sprintf(" (%v)", err)
	}
	return fmt.Errorf("%w: %s is not %s, or is cut short%s: %s", dataset.ErrUnreadable, path, format, detail, again)
}

// Compressed is the error of a file that is compressed as a whole, of a format that is
// not read from its start to its end.
func Compressed(path, format string) error {
	return fmt.Errorf("%w: %s is %s that is compressed as a whole: decompress it first", dataset.ErrUnreadable, path, format)
}

// Contain makes an error of a panic, which damaged files lead libraries to: what damaged
// returns of it, or just it if damaged is nil. It is deferred.
func Contain(err *error, damaged func(error) error) {
	broken := recover()
	if broken == nil {
		return
	}
	cause, ok := broken.(error)
	if !ok {
		cause = fmt.Errorf("%v", broken)
	}
	if *err = cause; damaged != nil {
		*err = damaged(cause)
	}
}

// Largest returns how many bytes a file of that size may claim for one thing in it:
// compressed well, but not beyond belief.
func Largest(fileBytes int64) int64 { return 64<<20 + 64*fileBytes }

// Allocator allocates memory for what files claim, up to Largest.
type Allocator struct {
	memory.Allocator
	largest int64
}

// NewAllocator returns the allocator for a file of that size.
func NewAllocator(fileBytes int64) Allocator {
	return Allocator{memory.NewGoAllocator(), Largest(fileBytes)}
}

// Allocate implements memory.Allocator. It panics where a claim cannot be.
func (a Allocator) Allocate(size int) []byte {
	a.believe(size)
	return a.Allocator.Allocate(size)
}

// Reallocate implements memory.Allocator. It panics where a claim cannot be.
func (a Allocator) Reallocate(size int, b []byte) []byte {
	a.believe(size)
	return a.Allocator.Reallocate(size, b)
}

func (a Allocator) believe(size int) {
	if size < 0 || int64(size) > a.largest {
		panic(fmt.Errorf("it claims a piece of %d bytes", size))
	}
}
