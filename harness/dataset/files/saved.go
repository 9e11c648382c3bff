package files

import (
	"encoding/json"
	"os"
	"path/filepath"

	"al.essio.dev/pkg/shellescape"

	"epochtime/harness/dataset"
)

// saved lists the files of a folder that save_to_disk of Hugging Face's datasets wrote:
// one Dataset, whose state names them. Several are an error; nil: it is no such folder.
func saved(dir string) ([]string, error) {
	var dict struct{ Splits []string }
	switch ok, err := readJSON(dir, "dataset_dict.json", &dict); {
	case err != nil:
		return nil, err
	case ok && len(dict.Splits) == 1 && filepath.IsLocal(dict.Splits[0]):
		return saved(filepath.Join(dir, dict.Splits[0]))
	case ok:
		return nil, severalSplits(dir, inFolder(dir, dict.Splits))
	}
	var state struct {
		Files   []struct{ Filename string } `json:"_data_files"`
		Indices []any                       `json:"_indices_data_files"` // which rows of the files; old versions
	}
	ok, err := readJSON(dir, "state.json", &state)
	if !ok || err != nil {
		return nil, err
	}
	if len(state.Indices) > 0 {
		return nil, dataset.Errorf(dataset.ErrUnreadable, nil, "%s holds a selection of its rows, which is not read here: write them out with: %s", dir,
			shellescape.QuoteCommand([]string{"python", "-c", "import sys, datasets; datasets.load_from_disk(sys.argv[1]).flatten_indices().save_to_disk(sys.argv[2])", dir, filepath.Base(dir) + "-flat"}))
	}
	var out []string
	for _, f := range state.Files {
		if !filepath.IsLocal(f.Filename) {
			return nil, dataset.Errorf(dataset.ErrUnreadable, nil, "%s names %q, which is not in its folder", filepath.Join(dir, "state.json"), f.Filename)
		}
		path := filepath.Join(dir, f.Filename)
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return nil, dataset.Errorf(dataset.ErrUnreadable, nil, "%s is not there, and state.json lists it: copy the folder again", path)
		}
		out = append(out, path)
	}
	return out, nil
}

// readJSON reads a file of a folder, if it is there.
func readJSON(dir, name string, to any) (bool, error) {
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return false, nil
	}
	if err != nil {
		return false, dataset.Errorf(dataset.ErrUnreadable, nil, "%s: %w", path, err)
	}
	if json.Unmarshal(text, to) != nil {
		return false, dataset.Errorf(dataset.ErrUnreadable, nil, "%s is damaged: copy the folder again, or save it anew", path)
	}
	return true, nil
}

func inFolder(dir string, names []string) []string {
	var out []string
	for _, name := range names {
		out = append(out, filepath.Join(dir, name))
	}
	return out
}
