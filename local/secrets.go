package local

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"strings"
	"sync"
	"time"
)

// secretsService is Secrets Manager as far as reading goes
// (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html).
type secretsService struct {
	mu      sync.Mutex
	secrets map[string]secret // by name
}

type secret struct {
	arn, name, version, value string
	created                   time.Time
}

// PutSecret stores value as the current version of the secret and gives its
// ARN, which stays the same from version to version.
func (a *Account) PutSecret(name, value string) (arn string) {
	s := a.secrets
	s.mu.Lock()
	defer s.mu.Unlock()
	arn = s.secrets[name].arn
	if arn == "" {
		arn = "arn:aws:secretsmanager:" + a.region + ":" + a.id + ":secret:" + name + "-" + rand.Text()[:6]
	}
	s.secrets[name] = secret{arn: arn, name: name, version: newUUID(), value: value, created: a.clock.Now()}
	return arn
}

func (s *secretsService) serve(w http.ResponseWriter, r *http.Request, body []byte, who caller) {
	serveActions(w, r, map[string]action{
		"DescribeSecret": typed(s.describeSecret),
		"GetSecretValue": typed(s.getSecretValue),
	}, body, who)
}

type (
	secretIn struct {
		SecretID string `json:"SecretId"`
		// What version is asked for; empty = the current one, and there is no other.
		VersionID    string `json:"VersionId"`
		VersionStage string
	}
	secretOut struct {
		ARN, Name          string
		CreatedDate        float64             // seconds
		VersionIDsToStages map[string][]string `json:"VersionIdsToStages"`
	}
	secretValueOut struct {
		ARN, Name     string
		CreatedDate   float64 // seconds
		SecretString  string
		VersionID     string `json:"VersionId"`
		VersionStages []string
	}
)

func (s *secretsService) describeSecret(_ call, in secretIn) (secretOut, error) {
	one, ok := s.find(in.SecretID)
	if !ok {
		return secretOut{}, noSecret("Secrets Manager can't find the specified secret.")
	}
	return secretOut{
		ARN: one.arn, Name: one.name, CreatedDate: unixSeconds(one.created),
		VersionIDsToStages: map[string][]string{one.version: {"AWSCURRENT"}},
	}, nil
}

func (s *secretsService) getSecretValue(_ call, in secretIn) (secretValueOut, error) {
	one, ok := s.find(in.SecretID)
	if !ok {
		return secretValueOut{}, noSecret("Secrets Manager can't find the specified secret.")
	}
	if cmp.Or(in.VersionStage, "AWSCURRENT") != "AWSCURRENT" || cmp.Or(in.VersionID, one.version) != one.version {
		return secretValueOut{}, noSecret("Secrets Manager can't find the specified secret value for staging label: " + in.VersionStage)
	}
	return secretValueOut{
		ARN: one.arn, Name: one.name, CreatedDate: unixSeconds(one.created),
		SecretString: one.value, VersionID: one.version, VersionStages: []string{"AWSCURRENT"},
	}, nil
}

// find takes a name, an ARN, or an ARN without its random end.
func (s *secretsService) find(id string) (secret, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, one := range s.secrets {
		if id == name || id == one.arn || id == one.arn[:strings.LastIndex(one.arn, "-")] {
			return one, true
		}
	}
	return secret{}, false
}

// arn is what policies compare for the secret that a request calls id.
func (s *secretsService) arn(id string) string {
	if one, ok := s.find(id); ok {
		return one.arn
	}
	return id
}

func noSecret(message string) *fault {
	return &fault{kind: "com.amazonaws.secretsmanager#ResourceNotFoundException", message: message}
}

func unixSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
