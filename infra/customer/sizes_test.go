package customer

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/devo-s3/collector/config/iam"
	"github.com/devo-s3/collector/infra/cdktest"
)

// What validate counts is as long as what the templates have.
func TestWhatIsCountedIsWhatIsMade(t *testing.T) {
	for _, name := range deployments {
		t.Run(name, func(t *testing.T) {
			c := load(t, name)
			counted := make(map[string]int)
			for _, r := range c.Roles() {
				counted["role "+r.Name()] = iam.Size(iam.Policy(r.Allows()...))
			}
			for _, q := range c.Queues {
				rules := slices.Repeat([]string{"RULE"}, len(q.Buckets))
				if q.Delivery != "eventbridge" {
					rules = nil
				}
				counted["policy of "+q.ARN] = iam.Size(iam.Policy(slices.Concat(q.Senders(c), q.RuleSenders(rules...), q.Policy(c))...))
				for _, b := range q.Buckets {
					counted["rule of "+b.Name] = iam.Size(b.EventPattern())
				}
			}
			for _, made := range templates(t, name) {
				for what, size := range sizes(made) {
					if counted[what] != size {
						t.Errorf("%s has %d characters, and %d were counted", what, size, counted[what])
					}
				}
			}
		})
	}
}

// bucketOf is whose new objects a rule is for, by its description.
var bucketOf = regexp.MustCompile(`New objects of (\S+) to`)

func sizes(template *cdktest.Template) map[string]int {
	all := make(map[string]int)
	for _, r := range template.Of("AWS::IAM::Role") {
		if name, named := r.Properties["RoleName"].(string); named {
			all["role "+name] = iam.Size(r.Properties["Policies"].([]any)[0].(map[string]any)["PolicyDocument"])
		}
	}
	for _, r := range template.Of("AWS::SQS::QueuePolicy") {
		document := r.Properties["PolicyDocument"].(map[string]any)
		statements := document["Statement"].([]any)
		if len(statements) < 3 || statements[len(statements)-3].(map[string]any)["Sid"] != "Collector" {
			continue // a DLQ's
		}
		queue := statements[len(statements)-1].(map[string]any)["Resource"].([]any)[0].(string)
		all["policy of "+queue] = iam.Size(plain(document))
	}
	for _, r := range template.Of("AWS::Events::Rule") {
		bucket := bucketOf.FindStringSubmatch(r.Properties["Description"].(string))[1]
		all["rule of "+bucket] = iam.Size(r.Properties["EventPattern"])
	}
	return all
}

// plain is a document in which RULE stands for each reference to a rule.
func plain(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		if at, ok := v["Fn::GetAtt"].([]any); ok && strings.HasSuffix(at[1].(string), "Arn") {
			return "RULE"
		}
		copied := maps.Clone(v)
		for key := range copied {
			copied[key] = plain(v[key])
		}
		return copied
	}
	return v
}
