package numpy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// maxHeader is far above any real .npy header. It keeps a damaged length from being
// allocated.
const maxHeader = 1 << 20

// numberTypes maps NumPy's little-endian type codes to element types.
var numberTypes = map[string]graph.DType{
	"<f2": graph.Float16, "<f4": graph.Float32, "<f8": graph.Float64,
	"|i1": graph.Int8, "<i2": graph.Int16, "<i4": graph.Int32, "<i8": graph.Int64,
	"|u1": graph.Uint8, "<u2": graph.Uint16, "<u4": graph.Uint32, "<u8": graph.Uint64,
	"|b1": graph.Bool,
}

// header is the header of an .npy file.
type header struct {
	descr   string
	fortran bool
	shape   []int
}

var errHeader = errors.New("its header cannot be read")

// readHeader reads the header of an .npy stream and returns its size in bytes. The
// format is that of numpy.lib.format, versions 1 to 3.
func readHeader(body *dataset.Body) (h header, size int64, err error) {
	lead := make([]byte, 12)
	n, err := io.ReadFull(body, lead[:10])
	if err != nil || !Begins(lead) {
		return h, 0, errors.Join(errors.New("it is not an .npy array, or is cut short"), unlessShort(err))
	}
	length := int(binary.LittleEndian.Uint16(lead[8:]))
	switch version := lead[6]; version {
	case 1:
	case 2, 3:
		if _, err := io.ReadFull(body, lead[10:]); err != nil {
			return h, 0, inHeader(err)
		}
		n, length = 12, int(binary.LittleEndian.Uint32(lead[8:]))
	default:
		return h, 0, fmt.Errorf("%w: its version is %d", errHeader, version)
	}
	if length > maxHeader {
		return h, 0, fmt.Errorf("%w: it claims %d bytes", errHeader, length)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(body, text); err != nil {
		return h, 0, inHeader(err)
	}
	h, err = parseHeader(string(text))
	return h, int64(n + length), err
}

// inHeader is the error of a header that is not there to its end.
func inHeader(err error) error {
	if unlessShort(err) == nil {
		return fmt.Errorf("%w: it is cut short: copy the file again", errHeader)
	}
	return fmt.Errorf("%w: %w", errHeader, err)
}

// unlessShort returns an error that says more than that the stream has ended.
func unlessShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// entry is one entry of a header, which is a Python dictionary. A type of several
// fields is a list, which is kept as it is.
var entry = regexp.MustCompile(`^\s*'(\w+)'\s*:\s*('[^']*'|True|False|\([\d\s,L-]*\)|\[.*\])\s*(,|$)`)

func parseHeader(text string) (h header, err error) {
	rest := strings.TrimSpace(text)
	if !strings.HasPrefix(rest, "{") || !strings.HasSuffix(rest, "}") {
		return h, errHeader
	}
	rest = strings.TrimSpace(rest[1 : len(rest)-1])
	seen := make(map[string]bool)
	for rest != "" {
		found := entry.FindStringSubmatch(rest)
		if found == nil || seen[found[1]] {
			return h, errHeader
		}
		rest, seen[found[1]] = strings.TrimSpace(rest[len(found[0]):]), true
		value := found[2]
		switch {
		case found[1] == "descr" && value[0] != 'T' && value[0] != 'F' && value[0] != '(':
			h.descr = strings.Trim(value, "'")
		case found[1] == "fortran_order" && (value == "True" || value == "False"):
			h.fortran = value == "True"
		case found[1] == "shape" && value[0] == '(':
			if h.shape, err = parseShape(value[1 : len(value)-1]); err != nil {
				return h, err
			}
		default:
			return h, errHeader
		}
	}
	if !seen["descr"] || !seen["fortran_order"] || !seen["shape"] {
		return h, errHeader
	}
	return h, nil
}

// parseShape reads the inside of a tuple of dimensions.
func parseShape(text string) ([]int, error) {
	shape := []int{}
	for _, item := range strings.Split(strings.TrimSuffix(strings.TrimSpace(text), ","), ",") {
		item = strings.TrimSuffix(strings.TrimSpace(item), "L") // as Python 2 wrote them
		if item == "" && len(shape) == 0 && strings.TrimSpace(text) == "" {
			break
		}
		n, err := strconv.Atoi(item)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errHeader, err)
		}
		shape = append(shape, n)
	}
	return shape, nil
}
