// Package hdf5 finds the datasets of an HDF5 file: their names, types, shapes
// and where their values lie. It reads what h5py writes by default, and Keras
// with it: the oldest form of the format (superblock 0, groups with symbol
// tables), values in one piece. It reads no values, attributes or links.
package hdf5

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// Errors of a file. Test with errors.Is.
var (
	// ErrNoHDF5: the file does not begin as an HDF5 file does.
	ErrNoHDF5 = errors.New("it is no HDF5 file")
	// ErrDamaged: the file is cut short, or contradicts itself.
	ErrDamaged = errors.New("damaged HDF5 file")
	// ErrUnsupported: the file is in a form of HDF5 that this package does not read.
	ErrUnsupported = errors.New("unsupported form of HDF5")
)

// Class is what kind of values a dataset has, as HDF5 numbers them.
type Class byte

// The classes that Keras's variables have.
const (
	Integer Class = 0
	Float   Class = 1
	Opaque  Class = 5 // as h5py stores types that HDF5 lacks, such as bfloat16
	Enum    Class = 8 // as h5py stores bool
)

// Dataset is an array in the file. Its values are contiguous, the last dimension
// varying fastest.
type Dataset struct {
	Name      string // with its groups, such as "layers/dense/vars/0"
	Class     Class
	Signed    bool // of integers
	BigEndian bool // of integers and floats
	Size      int  // bytes per value
	Shape     []int64
	Offset    int64 // of the first value in the file
	Bytes     int64 // of all values
}

// Limits of what is read, far above any Keras model, so that a damaged file ends
// soon.
const (
	maxObjects = 1 << 20
	maxDepth   = 64
	maxHeader  = 16 << 20
	undefined  = math.MaxUint64
)

// Datasets lists the datasets of the file in r, which has size bytes, sorted by
// name. Errors are ErrNoHDF5, ErrDamaged, ErrUnsupported and those of r.
func Datasets(r io.ReaderAt, size int64) ([]Dataset, error) {
	f := &file{r: r, size: size, seen: make(map[uint64]bool)}
	root, err := f.superblock()
	if err != nil {
		return nil, err
	}
	if err := f.object(root, "", 0); err != nil {
		return nil, err
	}
	slices.SortFunc(f.found, func(a, b Dataset) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return f.found, nil
}

type file struct {
	r     io.ReaderAt
	size  int64
	seen  map[uint64]bool // object headers and tree nodes
	found []Dataset
}

// at returns n bytes from an address on.
func (f *file) at(address uint64, n int) ([]byte, error) {
	if address >= uint64(f.size) || uint64(n) > uint64(f.size)-address {
		return nil, fmt.Errorf("%w: %d bytes at %d are outside its %d", ErrDamaged, n, address, f.size)
	}
	out := make([]byte, n)
	if _, err := f.r.ReadAt(out, int64(address)); err != nil {
		return nil, err
	}
	return out, nil
}

// block is at, of a block that begins with a signature.
func (f *file) block(address uint64, n int, signature string) ([]byte, error) {
	b, err := f.at(address, n)
	if err == nil && string(b[:len(signature)]) != signature {
		return nil, fmt.Errorf("%w: no %s at %d", ErrDamaged, signature, address)
	}
	return b, err
}

// visit fails where an address was visited before, or too many were.
func (f *file) visit(address uint64) error {
	if f.seen[address] || len(f.seen) > maxObjects {
		return fmt.Errorf("%w: its groups run in circles at %d", ErrDamaged, address)
	}
	f.seen[address] = true
	return nil
}

// superblock returns the address of the root group's object header.
func (f *file) superblock() (uint64, error) {
	const signature = "\x89HDF\r\n\x1a\n"
	b, err := f.at(0, min(96, int(f.size)))
	if err != nil || len(b) < 8 || string(b[:8]) != signature {
		return 0, ErrNoHDF5
	}
	if len(b) < 96 {
		return 0, fmt.Errorf("%w: it ends after %d bytes", ErrDamaged, len(b))
	}
	if b[8] != 0 || b[13] != 8 || b[14] != 8 || u64(b[24:]) != 0 {
		return 0, fmt.Errorf("%w: superblock %d, addresses of %d bytes", ErrUnsupported, b[8], b[13])
	}
	if end := u64(b[40:]); end > uint64(f.size) {
		return 0, fmt.Errorf("%w: it is cut short after %d of %d bytes", ErrDamaged, f.size, end)
	}
	return u64(b[64:]), nil // of the root's symbol table entry
}

// object reads the object at an address: a group, with all that is in it, or a
// dataset.
func (f *file) object(address uint64, name string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: its groups are nested deeper than %d", ErrDamaged, maxDepth)
	}
	if err := f.visit(address); err != nil {
		return err
	}
	messages, err := f.messages(address)
	if err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	if table, ok := messages[messageTable]; ok {
		if len(table) < 16 {
			return fmt.Errorf("%w: the group %q has no table", ErrDamaged, name)
		}
		return f.group(u64(table), u64(table[8:]), name, depth)
	}
	if _, ok := messages[messageLayout]; !ok {
		return fmt.Errorf("%w: %q is neither a group with a symbol table nor a dataset", ErrUnsupported, name)
	}
	d, err := f.dataset(messages)
	if err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	d.Name = name
	f.found = append(f.found, d)
	return nil
}

// group reads all objects of a group by its B-tree and heap of names.
func (f *file) group(tree, heap uint64, name string, depth int) error {
	b, err := f.block(heap, 32, "HEAP")
	if err != nil {
		return err
	}
	names, length := u64(b[24:]), u64(b[8:])
	if length > maxHeader {
		return fmt.Errorf("%w: %d bytes of names", ErrDamaged, length)
	}
	text, err := f.at(names, int(length))
	if err != nil {
		return err
	}
	return f.tree(tree, depth, func(offset, address uint64) error {
		if offset >= length {
			return fmt.Errorf("%w: a name of %q is outside its heap", ErrDamaged, name)
		}
		end := slices.Index(text[offset:], 0)
		if end < 1 {
			return fmt.Errorf("%w: a member of %q has no name", ErrDamaged, name)
		}
		member := string(text[offset:][:end])
		if name != "" {
			member = name + "/" + member
		}
		return f.object(address, member, depth+1)
	})
}

// tree calls visit with the name's offset and the address of each entry below a
// node of a group's B-tree.
func (f *file) tree(address uint64, depth int, visit func(name, address uint64) error) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: its trees are deeper than %d", ErrDamaged, maxDepth)
	}
	if err := f.visit(address); err != nil {
		return err
	}
	head, err := f.block(address, 24, "TREE")
	if err != nil {
		return err
	}
	n := int(binary.LittleEndian.Uint16(head[6:]))
	children, err := f.at(address+24, n*16+8) // a key before each child, and one behind the last
	if err != nil {
		return err
	}
	for i := range n {
		child := u64(children[i*16+8:])
		if head[5] > 0 {
			err = f.tree(child, depth+1, visit)
		} else {
			err = f.leaf(child, visit)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leaf calls visit for each entry of a symbol table node.
func (f *file) leaf(address uint64, visit func(name, address uint64) error) error {
	if err := f.visit(address); err != nil {
		return err
	}
	head, err := f.block(address, 8, "SNOD")
	if err != nil {
		return err
	}
	const entry = 40
	n := int(binary.LittleEndian.Uint16(head[6:]))
	entries, err := f.at(address+8, n*entry)
	if err != nil {
		return err
	}
	for i := range n {
		e := entries[i*entry:]
		if binary.LittleEndian.Uint32(e[16:]) == 2 {
			return fmt.Errorf("%w: a symbolic link", ErrUnsupported)
		}
		if err := visit(u64(e), u64(e[8:])); err != nil {
			return err
		}
	}
	return nil
}

func u64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
