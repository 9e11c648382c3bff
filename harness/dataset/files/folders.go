package files

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/folder"
	"epochtime/harness/dataset/images"
	"epochtime/harness/dataset/text"
)

// mostFiles is how many files are looked at in a folder: who names a whole disk is
// told so.
const mostFiles = 4 << 20

// formatOfFolder finds what a folder holds: class folders of images or of texts, or
// tables, whose files it returns in the order of their names. Where a class folder
// holds an image, it is a folder of images, whatever else there is.
func formatOfFolder(b *dataset.Builder, dir string) (dataset.Format, []string, error) {
	if f := foreignFolder(dir); f != nil {
		return nil, nil, f.refusal(dir)
	}
	listed, err := saved(dir)
	switch {
	case err != nil:
		return nil, nil, err
	case listed != nil:
		return tables(b, dir, listed)
	}
	c, err := look(b, dir)
	switch {
	case err != nil:
		return nil, nil, err
	case c.images || len(c.files) == 0:
		return images.Format, []string{dir}, nil // which says what it lacks
	case c.texts != "":
		if other := c.otherThanText(); other != "" {
			return nil, nil, mixed(dir, c.texts, other)
		}
		return text.Folders, []string{dir}, nil
	}
	return tables(b, dir, c.files)
}

// content is what there is in a folder and in the folders in it.
type content struct {
	dir    string
	images bool     // in a class folder, or nothing but images beside none
	texts  string   // a text in a class folder
	files  []string // others, without those that describe
}

// look lists what a folder holds, up to the first image in a class folder.
func look(b *dataset.Builder, dir string) (*content, error) {
	c := &content{dir: dir}
	var beside []string // images that are in no class folder
	err := folder.Walk(b, dir, func(path string, _ fs.FileInfo) error {
		inClass := filepath.Dir(path) != filepath.Clean(dir)
		switch {
		case dataset.HasEnding(path, images.Format.Ends) && inClass:
			c.images = true
			return fs.SkipAll
		case dataset.HasEnding(path, images.Format.Ends):
			beside = append(beside, path)
		case describes(dir, path):
		case dataset.HasEnding(path, text.Folders.Ends) && inClass && c.texts == "":
			c.texts = path
			fallthrough
		default:
			c.files = append(c.files, path)
		}
		if len(c.files)+len(beside) > mostFiles {
			return dataset.Errorf(dataset.ErrUnreadable, nil, "%s holds more than %d files: give a folder of fewer", dir, mostFiles)
		}
		return nil
	})
	switch {
	case errors.Is(err, fs.SkipAll):
		return c, nil
	case err != nil:
		return nil, err
	case len(beside) > 0 && len(c.files) > 0 && c.texts == "":
		return nil, mixed(dir, beside[0], c.files[0])
	}
	c.images = len(beside) > 0 && c.texts == ""
	return c, nil
}

// otherThanText is a table in a class folder of texts. Files beside the class folders
// do not matter.
func (c *content) otherThanText() string {
	for _, path := range c.files {
		if filepath.Dir(path) == filepath.Clean(c.dir) || dataset.HasEnding(path, text.Folders.Ends) {
			continue
		}
		if f, err := formatOfFile(path); err == nil && joins(f) {
			return path
		}
	}
	return ""
}

// described are names, in lower case, of files that say something about the data beside
// them; a name that begins with a low line is such a one too.
var described = []string{"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "features.json", "metadata.json", "state.json"}

// describes reports whether a file in a folder is about its data, and not of it.
func describes(dir, path string) bool {
	within, err := filepath.Rel(dir, path)
	if err != nil {
		return false
	}
	for part := range strings.SplitSeq(filepath.ToSlash(within), "/") {
		if strings.HasPrefix(part, "_") {
			return true
		}
	}
	name := strings.ToLower(filepath.Base(path))
	for _, begins := range []string{"readme", "license", "licence", "copying", "notice"} {
		if rest, ok := strings.CutPrefix(name, begins); ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return slices.Contains(described, name) || dataset.HasEnding(name, []string{".md", ".labels.txt", ".crc"})
}

// joins reports whether files of a format are joined end to end.
func joins(f dataset.Format) bool {
	_, ok := f.(dataset.Tables)
	return ok
}

// tables finds the one format that all files of a folder have. A file that is of none
// is of another kind.
func tables(b *dataset.Builder, dir string, files []string) (dataset.Format, []string, error) {
	var format dataset.Format
	var of, other string // files that are of the format, and of none
	var refused error
	files = dataset.WithoutEmpty(files)
	for _, path := range files {
		f, err := formatOfFile(path)
		switch {
		case b.Context().Err() != nil:
			return nil, nil, b.Context().Err()
		case err != nil:
			other, refused = path, err
		case format == nil:
			format, of = f, path
		case f.Name() != format.Name():
			return nil, nil, mixed(dir, of, path)
		}
		if other != "" && format != nil {
			return nil, nil, mixed(dir, of, other)
		}
	}
	switch {
	case format == nil && refused != nil:
		return nil, nil, refused
	case format == nil:
		return nil, nil, dataset.Errorf(dataset.ErrUnreadable, nil, "%s holds no data", dir)
	case !joins(format):
		return nil, nil, dataset.Errorf(dataset.ErrUnreadable, nil, "%s holds %s: give files of it, such as %s", dir, format.Name(), of)
	}
	if err := oneSplit(dir, files); err != nil {
		return nil, nil, err
	}
	warnOfPartitions(b, dir, files)
	return format, files, nil
}

// mixed is the error of a folder of several kinds of file, with one of each.
func mixed(dir, one, other string) error {
	return dataset.Errorf(dataset.ErrUnreadable, nil, "%s holds files of several kinds, such as %s and %s: move one kind away, or name the files to read", dir, one, other)
}

// warnOfPartitions warns of what the names of folders say as NAME=VALUE, as Hive does.
func warnOfPartitions(b *dataset.Builder, dir string, files []string) {
	var names []string
	for _, path := range files {
		within, _ := filepath.Rel(dir, filepath.Dir(path)) // it is within
		for part := range strings.SplitSeq(filepath.ToSlash(within), "/") {
			if name, _, ok := strings.Cut(part, "="); ok && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if names != nil {
		b.Warn("%s: the names of its folders say %s, which is no column of the data: write it into the files if the graph takes it", dir, strings.Join(names, " and "))
	}
}
