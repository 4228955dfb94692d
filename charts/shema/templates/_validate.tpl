{{/*
What the schema can't say in words: each value that is wrong becomes a sentence with its path, and all of them are said at once.
The schema in values.schema.json knows types and names only.
*/}}
{{- define "shema.validate" -}}
{{- $faults := concat (include "shema.textFaults" . | fromJsonArray) (include "shema.programFaults" . | fromJsonArray) -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- $faults = append $faults "httpRoute.parentRefs: name the Gateways that lead to the platform, such as [{name: public, namespace: traefik}]; without one the route leads nowhere" -}}
{{- end -}}
{{- range $i, $ref := .Values.httpRoute.parentRefs -}}
{{- if not $ref.name }}{{ $faults = append $faults (printf "httpRoute.parentRefs[%d].name: say which Gateway is meant" $i) }}{{ end -}}
{{- end -}}
{{- if and (contains "," .Values.redis.host) (not .Values.redis.sentinel.master) -}}
{{- $faults = append $faults "redis.sentinel.master: several hosts can only be Sentinels; say under which name they know the Redis that leads" -}}
{{- end -}}
{{- if $faults -}}
{{- fail (printf "these values can't be:\n- %s" (join "\n- " $faults)) -}}
{{- end -}}
{{- end -}}

{{/* A sentence if a text is not written as it should be: include "shema.textFault" (list path text pattern sentence). */}}
{{- define "shema.textFault" -}}
{{- if and (index . 1) (not (regexMatch (index . 2) (index . 1 | toString))) -}}
{{- printf "%s: %s, not %q" (index . 0) (index . 3) (index . 1 | toString) -}}
{{- end -}}
{{- end -}}

{{/* All texts of the values that must be written in a certain way, as sentences about those that aren't. Empty ones are other templates' matter. */}}
{{- define "shema.textFaults" -}}
{{- $v := .Values -}}
{{- $url := "^https?://[^ /]+([/?][^ ]*)?$" -}}
{{- $origin := "^https?://[^ /;,]+$" -}}
{{- $name := "^[A-Za-z0-9*]([A-Za-z0-9.-]*[A-Za-z0-9])?$" -}}
{{- $duration := "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$" -}}
{{- $texts := list
  (list "image.registry" $v.image.registry "^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)*/?$" "write a registry without https:// and in lower case, such as registry.example/school")
  (list "image.tag" $v.image.tag "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$" "write a tag such as 1.0.0")
  (list "webURL" $v.webURL "^https?://[^ ]*[^ /]$" "write a URL without a slash at its end, such as https://school.example")
  (list "apiURL" $v.apiURL "^https?://[^ ]*[^ /]$" "write a URL without a slash at its end, such as https://api.school.example")
  (list "timeZone" $v.timeZone "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$" "write a time zone of the IANA, such as Asia/Jakarta")
  (list "otlpEndpoint" $v.otlpEndpoint $url "write a URL such as http://collector.observability:4318")
  (list "ingress.host" $v.ingress.host $name "write a host's name alone, such as school.example")
  (list "postgres.url" $v.postgres.url "^postgres(ql)?://.+" "write a URL such as postgres://postgres:secret@postgres.example:5432/postgres")
  (list "redis.host" $v.redis.host "^[^:/ ,]+:[0-9]+(,[^:/ ,]+:[0-9]+)*$" "write host and port, such as redis:6379")
  (list "redis.cache.host" $v.redis.cache.host "^[^:/ ,]+:[0-9]+$" "write host and port, such as redis-cache:6379")
  (list "mail.host" $v.mail.host "^[^:/ ]+$" "write a host's name alone, such as smtp.example; its port is mail.port")
  (list "mail.from" $v.mail.from "@" "write a sender such as School <no-reply@school.example>")
  (list "secrets.adminEmail" $v.secrets.adminEmail "^[^ @]+@[^ @]+$" "write an address such as head@school.example")
  (list "verify.schedule" $v.verify.schedule "^(@[a-z]+|[^ ]+( [^ ]+){4})$" "write five fields as in a CronJob, such as 17 * * * *")
  (list "verify.linger" $v.verify.linger $duration "write a time such as 90s")
  (list "apps.gateway.cacheTTL" $v.apps.gateway.cacheTTL $duration "write a time such as 900ms")
  (list "apps.gateway.sessionCacheTTL" $v.apps.gateway.sessionCacheTTL $duration "write a time such as 500ms")
  (list "apps.chat.retention" $v.apps.chat.retention $duration "write a time such as 17520h")
  (list "apps.chat.pollEvery" $v.apps.chat.pollEvery $duration "write a time such as 1s")
  (list "apps.recommendation.modelEndpoint" $v.apps.recommendation.modelEndpoint $url "write a URL such as https://model.example/v1")
  (list "operator.resyncInterval" $v.operator.resyncInterval $duration "write a time such as 45s")
  (list "operator.pollInterval" $v.operator.pollInterval $duration "write a time such as 1s")
  (list "monitoring.podMonitor.interval" $v.monitoring.podMonitor.interval $duration "write a time such as 30s") -}}
{{- range $i, $host := $v.httpRoute.hostnames }}{{ $texts = append $texts (list (printf "httpRoute.hostnames[%d]" $i) $host $name "write a host's name alone, such as school.example") }}{{ end -}}
{{- range $i, $net := $v.apps.gateway.trustedProxies }}{{ $texts = append $texts (list (printf "apps.gateway.trustedProxies[%d]" $i) $net "^[0-9a-fA-F.:]+/[0-9]{1,3}$" "write a network such as 10.0.0.0/8") }}{{ end -}}
{{- range $i, $page := $v.apps.gateway.corsAllowedOrigins }}{{ $texts = append $texts (list (printf "apps.gateway.corsAllowedOrigins[%d]" $i) $page $origin "write scheme and host without a path, such as https://school.example") }}{{ end -}}
{{- range $i, $host := $v.web.imageSources }}{{ $texts = append $texts (list (printf "web.imageSources[%d]" $i) $host $origin "write scheme and host without a path, such as https://img.school.example") }}{{ end -}}
{{- $faults := list -}}
{{- range $texts }}{{ with include "shema.textFault" . }}{{ $faults = append $faults . }}{{ end }}{{ end -}}
{{- $faults | toJson -}}
{{- end -}}

{{/* What can't be among the settings that every program may have, in `defaults` and in each program's own. */}}
{{- define "shema.programFaults" -}}
{{- $faults := list -}}
{{- $owners := dict "defaults" .Values.defaults "operator" .Values.operator "web" .Values.web "verify" .Values.verify "dapr" .Values.dapr "test" .Values.test -}}
{{- range $key, $own := .Values.apps }}{{ $_ := set $owners (printf "apps.%s" $key) ($own | default dict) }}{{ end -}}
{{- range $owner, $own := $owners -}}
{{- range $kind, $amounts := $own.resources -}}
{{- range $resource, $amount := $amounts -}}
{{- if not (regexMatch "^([0-9]+([.][0-9]*)?|[.][0-9]+)(m|k|[MGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$" (toString $amount)) -}}
{{- $faults = append $faults (printf "%s.resources.%s.%s: write an amount such as 100m or 256Mi, not %q" $owner $kind $resource (toString $amount)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if kindIs "string" $own.maxUnavailable -}}
{{- with include "shema.textFault" (list (printf "%s.maxUnavailable" $owner) $own.maxUnavailable "^[0-9]{1,3}%$" "write a number of pods, or a share such as 50%") }}{{ $faults = append $faults . }}{{ end -}}
{{- end -}}
{{- $scaling := mergeOverwrite (deepCopy $.Values.defaults.autoscaling) ($own.autoscaling | default dict | deepCopy) -}}
{{- if and $own.autoscaling (gt (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- $faults = append $faults (printf "%s.autoscaling.minReplicas: the fewest pods, %d, are more than the most, maxReplicas %d" $owner (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- $faults | toJson -}}
{{- end -}}
