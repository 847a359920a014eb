package operate

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/sources"
)

// An Interview asks for all that a deployment's file must say, checks each
// answer at once, and asks again for one that is wrong.
type Interview struct {
	// Given are answers by the names of their questions, which are the flags of
	// `collector init`: what is given is not asked for. A setting of a service is
	// SERVICE.KEY.
	Given map[string]string
	// Yes takes every default and asks nothing.
	Yes bool
	// In has the answers, a line each; an empty one is the default.
	In io.Reader
	// Out gets the questions.
	Out io.Writer

	lines   *bufio.Scanner
	answers answers
	failed  []error // what Yes cannot answer
}

// answers are by the names of their questions. A list has commas.
type answers map[string]string

func (a answers) list(name string) (all []string) {
	for entry := range strings.SplitSeq(a[name], ",") {
		if entry = strings.TrimSpace(entry); entry != "" {
			all = append(all, entry)
		}
	}
	return all
}

func (a answers) makes(what string) bool { return slices.Contains(a.list("make"), what) }

// A question is asked unless its answer was given.
type question struct {
	name, text string
	fallback   func(answers) string
	list       bool // each entry is checked
	optional   bool // an empty answer will do
	check      func(answers, string) error
}

// Write asks, writes DIR/CUSTOMER.yaml, and beside it the JSON Schema that it
// names, unless there is one. It replaces no deployment. A file that was written
// is named even if it has a mistake, which is the error then.
func (i *Interview) Write(dir string, schema []byte) (file string, err error) {
	text, err := i.ask(dir)
	if err != nil {
		return "", err
	}
	file = fileOf(dir, i.answers["customer"])
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("write deployment: %w", err)
	}
	if err := create(file, text); err != nil {
		return "", fmt.Errorf("write deployment: %w", err)
	}
	if err := create(filepath.Join(dir, "schema.json"), schema); err != nil && !errors.Is(err, os.ErrExist) {
		return file, fmt.Errorf("write schema: %w", err)
	}
	_, err = config.LoadAll(dir)
	return file, err
}

// Next tells what to do with the file.
func (i *Interview) Next(file string) {
	fmt.Fprintf(i.Out, `
%[1]s is written, and right. Next:

  collector validate %[1]s
  make synth
  npx cdk deploy '%[2]s-*'

The first needs nothing, the last the credentials of both accounts. Where the customer has no CDK, they deploy
infra/templates/%[3]s.yaml as docs/customer-guide.md says, and you only %[2]s-collector.
`, file, i.answers["customer"], i.answers.template())
}

// template is the plain template that makes the same.
func (a answers) template() string {
	switch {
	case a.makes("trail"):
		return "new-trail"
	case a.makes("bucket"):
		return "new-bucket"
	case !a.makes("queue"):
		return "existing-queue"
	case a["delivery"] == "s3":
		return "existing-bucket-straight"
	case a["delivery"] == "sns":
		return "existing-bucket-sns"
	}
	return "existing-bucket"
}

func fileOf(dir, customer string) string { return filepath.Join(dir, customer+".yaml") }

// create writes a file that is not there.
func create(file string, text []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// ask gives the text of the file.
func (i *Interview) ask(dir string) ([]byte, error) {
	i.lines, i.answers = bufio.NewScanner(i.In), make(answers)
	for _, q := range append(i.name(dir), questions...) {
		if err := i.put(q); err != nil {
			return nil, err
		}
	}
	var chosen []choice
	for _, name := range i.answers.list("service") {
		d, err := sources.Service(name)
		if err != nil {
			continue // Yes goes on, to name all that is wrong
		}
		for _, d := range apart(d) {
			c, err := i.settings(d)
			if err != nil {
				return nil, err
			}
			chosen = append(chosen, c)
		}
	}
	for name := range i.Given {
		if _, known := i.answers[name]; !known {
			i.failed = append(i.failed, fmt.Errorf("%s is given, and nothing asks for it", name))
		}
	}
	if err := errors.Join(i.failed...); err != nil {
		return nil, err
	}
	return write(i.answers, chosen)
}

// put asks one question until the answer is right.
func (i *Interview) put(q question) error {
	fallback := ""
	if q.fallback != nil {
		fallback = q.fallback(i.answers)
	}
	answer, given := i.Given[q.name]
	for {
		asked := !given && !i.Yes
		switch {
		case asked:
			if fallback == "" {
				fmt.Fprintf(i.Out, "%s: ", q.text)
			} else {
				fmt.Fprintf(i.Out, "%s [%s]: ", q.text, fallback)
			}
			if !i.lines.Scan() {
				fmt.Fprintln(i.Out)
				return errors.Join(fmt.Errorf("the answers end before --%s", q.name), i.lines.Err())
			}
			answer = strings.TrimSpace(i.lines.Text())
			if answer == "" {
				answer = fallback
			}
		case !given:
			answer = fallback
		}
		i.answers[q.name] = answer
		err := q.verify(i.answers)
		switch wrong := fmt.Errorf("--%s: %w", q.name, err); {
		case err == nil:
			return nil
		case asked:
			fmt.Fprintf(i.Out, "  %v\n", err)
		case i.Yes:
			i.failed = append(i.failed, wrong)
			return nil
		default:
			return wrong
		}
	}
}

func (q question) verify(a answers) error {
	values := []string{a[q.name]}
	if q.list {
		values = a.list(q.name)
	}
	if a[q.name] == "" || len(values) == 0 {
		if q.optional {
			return nil
		}
		return errors.New("an answer is needed")
	}
	for _, v := range values {
		if err := q.check(a, v); err != nil {
			return err
		}
	}
	return nil
}
