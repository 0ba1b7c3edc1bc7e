// SOURCE_MAPS=true uploads the source maps, and lets Node read them: stacks in the log then name our files and lines.
module.exports = () => (process.env.SOURCE_MAPS === 'true' ? '--enable-source-maps' : '');
