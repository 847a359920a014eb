package local

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

func logsClient(a *Account, c Credentials) *cloudwatchlogs.Client {
	return cloudwatchlogs.New(cloudwatchlogs.Options{
		Region: a.Region(), BaseEndpoint: aws.String(a.Endpoint()), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey, ""),
	})
}

func TestLogsAreQueried(t *testing.T) {
	a := startAccount(t)
	client := logsClient(a, a.Root())
	const group = "/aws/lambda/f"
	begin := a.Clock().Now()
	for _, line := range []string{
		`{"message":"message","outcome":"ok","id":"1"}`,
		`{"message":"message","outcome":"kms","id":"2","object":{"key":"a"}}`,
		"no JSON",
		`{"message":"object","outcome":"kms","id":"3"}`,
		`{"message":"message","outcome":"denied","id":"4"}`,
	} {
		a.Log(group, []byte(line))
		a.Clock().Advance(time.Minute)
	}
	query := func(text string, from, to time.Time) (rows [][]string) {
		t.Helper()
		started, err := client.StartQuery(t.Context(), &cloudwatchlogs.StartQueryInput{
			LogGroupName: aws.String(group), QueryString: &text, StartTime: aws.Int64(from.Unix()), EndTime: aws.Int64(to.Unix()),
		})
		if err != nil {
			t.Fatal(err)
		}
		for want := range slices.Values([]string{"Running", "Complete"}) {
			out, err := client.GetQueryResults(t.Context(), &cloudwatchlogs.GetQueryResultsInput{QueryId: started.QueryId})
			if err != nil || string(out.Status) != want {
				t.Fatalf("%v, status %v, want %s", err, out, want)
			}
			for _, row := range out.Results {
				var values []string
				for _, f := range row {
					values = append(values, *f.Field+"="+*f.Value)
				}
				rows = append(rows, values)
			}
		}
		return rows
	}
	end := a.Clock().Now()
	for _, tt := range []struct {
		text     string
		from, to time.Time
		want     [][]string
	}{
		{`fields id | filter message = "message" and outcome != "ok" | sort @timestamp desc`, begin, end, [][]string{{"id=4"}, {"id=2"}}},
		{`fields id, object.key | filter id in ["2", "3"]`, begin, end, [][]string{{"id=2", "object.key=a"}, {"id=3"}}},
		{`fields @message | limit 1`, begin, end, [][]string{{`@message={"message":"message","outcome":"ok","id":"1"}`}}},
		{`fields id | filter message = "message"`, begin.Add(3 * time.Minute), end, [][]string{{"id=4"}}},
		{`fields id | filter message = "message"`, begin, begin.Add(30 * time.Second), [][]string{{"id=1"}}},
		{`fields id | filter id in []`, begin, end, nil},
	} {
		if got := query(tt.text, tt.from, tt.to); !slices.EqualFunc(got, tt.want, slices.Equal) {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
	for text, code := range map[string]string{
		"stats count(*) by x": "MalformedQueryException", `filter a > "b"`: "MalformedQueryException", `filter a in ["b"`: "MalformedQueryException",
		"sort x desc": "MalformedQueryException",
	} {
		_, err := client.StartQuery(t.Context(), &cloudwatchlogs.StartQueryInput{LogGroupName: aws.String(group), QueryString: &text, StartTime: aws.Int64(0), EndTime: aws.Int64(1)})
		wantCode(t, err, code)
	}
	_, err := client.StartQuery(t.Context(), &cloudwatchlogs.StartQueryInput{LogGroupName: aws.String("none"), QueryString: aws.String("fields a"), StartTime: aws.Int64(0), EndTime: aws.Int64(1)})
	wantCode(t, err, "ResourceNotFoundException")
}

func TestLogsArePermitted(t *testing.T) {
	a := startAccount(t)
	role := "arn:aws:iam::" + a.ID() + ":role/reader"
	a.CreateRole(Role{ARN: role, Allow: []Statement{{Actions: []string{"logs:StartQuery"}, Resources: []string{"arn:aws:logs:*:*:log-group:mine"}}}})
	client := logsClient(a, a.CreateKey(role))
	for group, code := range map[string]string{"mine": "ResourceNotFoundException", "other": "AccessDeniedException"} {
		_, err := client.StartQuery(t.Context(), &cloudwatchlogs.StartQueryInput{LogGroupName: &group, QueryString: aws.String("fields a"), StartTime: aws.Int64(0), EndTime: aws.Int64(1)})
		wantCode(t, err, code)
	}
}
